-- name: add_project
insert into projects (id, owner_id, title, kind, brain, format) values ($1, $2, $3, $4, $5, $6);

-- name: set_member
insert into project_members (project_id, user_id, role) values ($1, $2, $3::text::project_role)
    on conflict (project_id, user_id) do update set role = excluded.role;

-- name: remove_member
delete from project_members where project_id = $1 and user_id = $2 returning user_id;

-- name: lock_project
select id from projects where id = $1 for no key update;

-- name: bump_access
update projects set access_version = access_version + 1 where id = $1;

-- name: members
select m.user_id, m.role::text, u.kind, u.name, u.email, u.colour
  from project_members m
  join users u on u.id = m.user_id
 where m.project_id = $1
 order by u.name, u.id;

-- name: projects_of_user
-- Whose projects they are stands in the view; the standing itself is one rule for every door.
select p.id, p.title, p.kind, p.brain, p.format, p.access_version, p.event_cursor, p.created_at, p.updated_at,
       s.role, s.can_download, s.can_approve, s.until
  from projects p
 cross join lateral standing_in(p.id, $1) s
 where p.id in (select g.project_id from project_grants g where g.user_id = $1)
   and p.deleted_at is null and ($2::uuid is null or p.id < $2)
 order by p.id desc
 limit $3;

-- name: project_of_user
select p.id, p.title, p.kind, p.brain, p.format, p.access_version, p.event_cursor, p.created_at, p.updated_at,
       s.role, s.can_download, s.can_approve, s.until
  from projects p
 cross join lateral standing_in(p.id, $2) s
 where p.id = $1 and p.deleted_at is null and s.role is not null;

-- name: update_project
update projects
   set title = coalesce($2, title), brain = coalesce($3, brain), format = coalesce($4, format), updated_at = now()
 where id = $1 and deleted_at is null;

-- name: delete_project
update projects
   set deleted_at = now(), access_version = access_version + 1
 where id = $1 and deleted_at is null;

-- name: documents_of_projects
select id, project_id, kind, epoch from documents where project_id = any($1::uuid[]);

-- name: document_of_user
select d.id, d.project_id, d.kind, d.epoch, d.seq, d.server_client, p.access_version,
       s.role, s.can_download, s.can_approve, s.until
  from documents d
  join projects p on p.id = d.project_id and p.deleted_at is null
 cross join lateral standing_in(p.id, $2) s
 where d.id = $1 and s.role is not null;

-- name: set_owner
update projects set owner_id = $2 where id = $1;
