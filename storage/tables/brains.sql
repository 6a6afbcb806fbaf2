-- name: add
insert into brains (id, team_id, created_by) values ($1, $2, $3);

-- name: add_version
insert into brain_versions (brain_id, version, record, created_by) values ($1, $2, $3, $4);

-- name: lock
select id from brains where id = $1 and deleted_at is null for no key update;

-- name: count
-- Deleted ones too: scenes may still name them.
select count(*) from brains where team_id = $1;

-- name: of_id
-- The newest version, or $2. One that was deleted is found by its version only.
select b.id, b.team_id, v.version, v.record, v.created_by, v.created_at, b.deleted_at
  from brains b
  join brain_versions v on v.brain_id = b.id
 where b.id = $1 and (v.version = $2 or ($2::integer is null and b.deleted_at is null))
 order by v.version desc
 limit 1;

-- name: versions
-- The newest first, below $2.
select b.id, b.team_id, v.version, v.record, v.created_by, v.created_at, b.deleted_at
  from brains b
  join brain_versions v on v.brain_id = b.id
 where b.id = $1 and b.deleted_at is null and ($2::integer is null or v.version < $2)
 order by v.version desc
 limit $3;

-- name: of_user
-- The newest version of each brain of the teams that somebody is in; $2: of one of them, or null.
select b.id, b.team_id, v.version, v.record, v.created_by, v.created_at, b.deleted_at
  from team_members m
  join brains b on b.team_id = m.team_id and b.deleted_at is null
  join lateral (
      select n.version, n.record, n.created_by, n.created_at
        from brain_versions n
       where n.brain_id = b.id
       order by n.version desc
       limit 1
  ) v on true
 where m.user_id = $1 and ($2::uuid is null or m.team_id = $2)
 order by b.id
 limit $3;

-- name: of_project
-- Exactly this version, if a team of the project made it.
select b.id, b.team_id, v.version, v.record, v.created_by, v.created_at, b.deleted_at
  from project_teams t
  join brains b on b.team_id = t.team_id
  join brain_versions v on v.brain_id = b.id
 where t.project_id = $1 and b.id = $2 and (v.version = $3 or ($3::integer is null and b.deleted_at is null))
 order by v.version desc
 limit 1;

-- name: delete
update brains set deleted_at = now() where id = $1 and deleted_at is null;
