-- name: add_entry
insert into audit_log (action, actor_id, user_id, project_id, address, agent, request_id, detail)
values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: count_since
select count(*) from audit_log where actor_id = $1 and action = $2 and at > $3;

-- name: entries
select a.id, a.at, a.action, a.actor_id, w.name as actor_name, a.user_id, o.name as user_name, a.project_id,
       a.address, a.agent, a.request_id, a.detail
  from audit_log a
  left join users w on w.id = a.actor_id
  left join users o on o.id = a.user_id
 where $1::bigint is null or a.id < $1
 order by a.id desc
 limit $2;

-- name: entries_of_project
select a.id, a.at, a.action, a.actor_id, w.name as actor_name, a.user_id, o.name as user_name, a.project_id,
       a.address, a.agent, a.request_id, a.detail
  from audit_log a
  left join users w on w.id = a.actor_id
  left join users o on o.id = a.user_id
 where a.project_id = $1 and ($2::bigint is null or a.id < $2)
 order by a.id desc
 limit $3;
