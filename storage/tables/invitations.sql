-- name: add_invitation
insert into invitations (id, project_id, team_id, email, role, token_hash, invited_by, expires_at, episode_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: invitation
select i.id, i.project_id, i.team_id, i.email, i.role, i.invited_by, u.name as inviter, coalesce(p.title, t.name) as to,
       p.deleted_at is not null or e.deleted_at is not null as is_deleted, i.created_at, i.expires_at, i.sent_at, i.state,
       i.episode_id, e.title as episode
  from invitations i
  join users u on u.id = i.invited_by
  left join projects p on p.id = i.project_id
  left join episodes e on e.id = i.episode_id
  left join teams t on t.id = i.team_id
 where i.id = $1;

-- name: invitation_of_id
select i.id, i.project_id, i.team_id, i.email, i.role, i.invited_by, u.name as inviter, coalesce(p.title, t.name) as to,
       p.deleted_at is not null or e.deleted_at is not null as is_deleted, i.created_at, i.expires_at, i.sent_at, i.state,
       i.episode_id, e.title as episode
  from invitations i
  join users u on u.id = i.invited_by
  left join projects p on p.id = i.project_id
  left join episodes e on e.id = i.episode_id
  left join teams t on t.id = i.team_id
 where i.id = $1
   for no key update of i;

-- name: invitation_of_token
select i.id, i.project_id, i.team_id, i.email, i.role, i.invited_by, u.name as inviter, coalesce(p.title, t.name) as to,
       p.deleted_at is not null or e.deleted_at is not null as is_deleted, i.created_at, i.expires_at, i.sent_at, i.state,
       i.episode_id, e.title as episode
  from invitations i
  join users u on u.id = i.invited_by
  left join projects p on p.id = i.project_id
  left join episodes e on e.id = i.episode_id
  left join teams t on t.id = i.team_id
 where i.token_hash = $1
   for no key update of i;

-- name: invitations
select i.id, i.project_id, i.team_id, i.email, i.role, i.invited_by, u.name as inviter, coalesce(p.title, t.name) as to,
       p.deleted_at is not null or e.deleted_at is not null as is_deleted, i.created_at, i.expires_at, i.sent_at, i.state,
       i.episode_id, e.title as episode
  from invitations i
  join users u on u.id = i.invited_by
  left join projects p on p.id = i.project_id
  left join episodes e on e.id = i.episode_id
  left join teams t on t.id = i.team_id
 where i.project_id is not distinct from $1 and i.team_id is not distinct from $2
 order by i.created_at desc, i.id desc
 limit $3;

-- name: count_open
select count(*) from invitations
 where project_id is not distinct from $1 and team_id is not distinct from $2 and state = 'open';

-- name: renew_invitation
update invitations set token_hash = $2, expires_at = $3, sent_at = null where id = $1;

-- name: decide_invitation
update invitations set state = $2, decided_at = now() where id = $1;

-- name: mark_sent
update invitations set sent_at = now() where id = $1;

-- name: set_token
update invitations set token_hash = $2 where id = $1;
