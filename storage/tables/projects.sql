-- name: found
-- Until the end of the transaction: the wall knows a project that has nobody yet.
select set_config('storyforge.founding', $1::uuid::text, true);

-- name: add_project
insert into projects (id, owner_id, title, kind, brain, format) values ($1, $2, $3, $4, $5, $6);

-- name: set_member
-- Who is new here had roles in single episodes at most; one in the project takes their place.
with replaced as (
    delete from episode_members e
     where e.project_id = $1 and e.user_id = $2
       and not exists (select from project_members m where m.project_id = $1 and m.user_id = $2)
)
insert into project_members (project_id, user_id, role) values ($1, $2, $3::text::project_role)
    on conflict (project_id, user_id) do update set role = excluded.role;

-- name: remove_member
-- With what narrowed it in episodes: that would now give something.
with narrowed as (delete from episode_members where project_id = $1 and user_id = $2)
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
-- Whose projects they are stands in the view; the standing itself is one rule for every door. $4: active, archived, or
-- deleted; of the deleted ones those that the user owns.
select p.id, p.title, p.kind, p.brain, p.format, p.access_version, p.event_cursor, p.created_at, p.updated_at,
       p.archived_at, p.deleted_at, p.is_template, s.role, s.can_download, s.can_approve, s.until, s.episodes,
       (
           select count(*) from episodes e
            where e.project_id = p.id and e.deleted_at is null and (s.episodes is null or e.id = any(s.episodes))
       ) as episode_count
  from projects p
 cross join lateral standing_in(p.id, $1) s
 where p.id in (select g.project_id from project_grants g where g.user_id = $1)
   and ($2::uuid is null or p.id < $2)
   and p.is_template = $5
   and case $4::text
           when 'deleted' then p.deleted_at is not null and p.purge_began_at is null and s.role = 'owner'
               and not exists (select from duplications c where c.target_id = p.id and c.state <> 'complete')
           when 'archived' then p.deleted_at is null and p.archived_at is not null
           else p.deleted_at is null and p.archived_at is null
       end
 order by p.id desc
 limit $3;

-- name: project_of_user
-- $3: whether also a deleted one, until its purge begins; never a copy that is not whole.
select p.id, p.title, p.kind, p.brain, p.format, p.access_version, p.event_cursor, p.created_at, p.updated_at,
       p.archived_at, p.deleted_at, p.is_template, s.role, s.can_download, s.can_approve, s.until, s.episodes,
       (
           select count(*) from episodes e
            where e.project_id = p.id and e.deleted_at is null and (s.episodes is null or e.id = any(s.episodes))
       ) as episode_count
  from projects p
 cross join lateral standing_in(p.id, $2) s
 where p.id = $1 and s.role is not null
   and (
       p.deleted_at is null
       or $3 and p.purge_began_at is null
           and not exists (select from duplications c where c.target_id = p.id and c.state <> 'complete')
   );

-- name: projects_of_ids
select p.id, p.title, p.kind, p.brain, p.format, p.access_version, p.event_cursor, p.created_at, p.updated_at,
       p.archived_at, p.deleted_at, p.is_template, s.role, s.can_download, s.can_approve, s.until, s.episodes,
       (
           select count(*) from episodes e
            where e.project_id = p.id and e.deleted_at is null and (s.episodes is null or e.id = any(s.episodes))
       ) as episode_count
  from projects p
 cross join lateral standing_in(p.id, $2) s
 where p.id = any($1::uuid[]) and s.role is not null and p.deleted_at is null;

-- name: update_project
update projects
   set title = coalesce($2, title), brain = coalesce($3, brain), format = coalesce($4, format), updated_at = now()
 where id = $1 and deleted_at is null;

-- name: delete_project
update projects
   set deleted_at = now(), access_version = access_version + 1
 where id = $1 and deleted_at is null;

-- name: archive_project
update projects
   set archived_at = now(), updated_at = now(), access_version = access_version + 1
 where id = $1 and archived_at is null;

-- name: restore_project
update projects
   set archived_at = null, deleted_at = null, updated_at = now(), access_version = access_version + 1
 where id = $1 and purge_began_at is null and (archived_at is not null or deleted_at is not null);

-- name: settings
select settings, settings_version from projects where id = $1;

-- name: put_settings
update projects
   set settings = $3, format = $4, settings_version = settings_version + 1, updated_at = now()
 where id = $1 and settings_version = $2
returning settings_version;

-- name: first_documents
-- Those of each project's first episode; of the projects $2 only the episodes $3 count.
select distinct on (d.project_id, d.kind) d.id, d.project_id, d.kind, d.epoch
  from documents d
  join episodes e on e.id = d.episode_id and e.deleted_at is null
  left join seasons s on s.id = e.season_id
 where d.project_id = any($1::uuid[]) and (d.project_id <> all($2::uuid[]) or e.id = any($3::uuid[]))
 order by d.project_id, d.kind, s.ord nulls first, e.ord, e.id;

-- name: document_of_user
select d.id, d.project_id, d.kind, d.epoch, d.seq, d.server_client, p.access_version,
       p.archived_at is not null as archived, s.role, s.can_download, s.can_approve, s.until, s.episodes
  from documents d
  join projects p on p.id = d.project_id and p.deleted_at is null
  join episodes e on e.id = d.episode_id and e.deleted_at is null
 cross join lateral standing_at(e.id, p.id, $2) s
 where d.id = $1 and s.role is not null;

-- name: set_owner
update projects set owner_id = $2 where id = $1;

-- name: keep_owner
-- The first of these, where whoever it was is none of them any more.
update projects set owner_id = ($2::uuid[])[1] where id = $1 and owner_id <> all($2::uuid[]);

-- name: access_versions
select id, access_version from projects where id = any($1::uuid[]);
