-- name: add
insert into duplications (id, source_id, target_id, asked_by, with_media) values ($1, $2, $3, $4, $5);

-- name: add_target
-- As the source is, and deleted until it is whole.
insert into projects (id, owner_id, title, kind, brain, format, settings, is_template, deleted_at)
select $2, $3, $4, kind, brain, format, settings, $5, now()
  from projects
 where id = $1;

-- name: unfinished_of
select count(*) from duplications where asked_by = $1 and state in ('queued', 'running');

-- name: of_id
select * from duplications where id = $1;

-- name: lease
-- The oldest that nobody holds; whoever takes it over writes under a new epoch.
update duplications
   set state = 'running', epoch = epoch + 1, attempt = attempt + 1,
       lease_owner = $1, lease_until = now() + $2::interval, updated_at = now()
 where id = (
       select id from duplications
        where state in ('queued', 'running') and (lease_until is null or lease_until < now())
        order by created_at
        limit 1
          for update skip locked)
returning *;

-- name: renew
update duplications
   set lease_until = now() + $3::interval
 where id = $1 and epoch = $2 and state = 'running'
returning id;

-- name: advance
-- Also the fence: no row for who does not hold it any more. `total` may be too small when the original has grown.
update duplications
   set done = done + $3, total = greatest(total, done + $3), updated_at = now()
 where id = $1 and epoch = $2 and state = 'running'
returning done, total;

-- name: set_total
update duplications
   set total = greatest(done, $3), updated_at = now()
 where id = $1 and epoch = $2 and state = 'running'
returning done, total;

-- name: hand_back
update duplications
   set state = 'queued', lease_owner = null, lease_until = null, attempt = attempt - 1, updated_at = now()
 where id = $1 and epoch = $2 and state = 'running';

-- name: finish
update duplications
   set state = $3, error = $4, total = case when $3 = 'complete' then done else total end,
       lease_owner = null, lease_until = null, updated_at = now(), finished_at = now()
 where id = $1 and epoch = $2 and state = 'running'
returning *;

-- name: cancel
update duplications
   set state = 'cancelled', lease_owner = null, lease_until = null, updated_at = now(), finished_at = now()
 where id = $1 and state in ('queued', 'running')
returning *;

-- name: reveal
update projects
   set deleted_at = null, access_version = access_version + 1, updated_at = now()
 where id = $1;

-- name: sizes
-- How much there is to copy: documents and their scenes, takes, characters, assets.
select (select count(*) from documents d join episodes e on e.id = d.episode_id and e.deleted_at is null
         where d.project_id = $1)
     + (select count(*) from scenes s where s.project_id = $1)
     + (select count(*) from characters c where c.project_id = $1 and c.deleted_at is null)
     + case when $2 then (select count(*) from takes t where t.project_id = $1)
                       + (select count(*) from assets a
                           where a.project_id = $1 and a.deleted_at is null and a.state = 'ready') else 0 end;

-- name: copy_seasons
insert into seasons (id, project_id, ord, title)
select named.new, $2, s.ord, s.title
  from seasons s
  join unnest($3::uuid[], $4::uuid[]) as named (old, new) on named.old = s.id
 where s.project_id = $1
on conflict (id) do nothing;

-- name: copy_episodes
insert into episodes (id, project_id, season_id, ord, title)
select named.new, $2, season.new, e.ord, e.title
  from episodes e
  join unnest($3::uuid[], $4::uuid[]) as named (old, new) on named.old = e.id
  left join unnest($5::uuid[], $6::uuid[]) as season (old, new) on season.old = e.season_id
 where e.project_id = $1
on conflict (id) do nothing;

-- name: documents
-- Those of episodes that were not deleted, with their scenes counted.
select d.id, d.episode_id, d.kind, (select count(*) from scenes s where s.document_id = d.id) as scenes
  from documents d
  join episodes e on e.id = d.episode_id and e.deleted_at is null
 where d.project_id = $1
 order by d.id;

-- name: document_is_there
select exists (select from documents where id = $1);

-- name: copy_media
insert into project_media (project_id, hash)
select $2, hash from project_media where project_id = $1
on conflict do nothing;

-- name: takes
select id, document_id, scene_id
  from takes
 where project_id = $1 and id > $2
 order by id
 limit $3;

-- name: copy_takes
insert into takes (id, project_id, document_id, scene_id, run_id, number, media_hash, thumb_hash, frames, width, height,
                   rate_num, rate_den, provenance, created_at, copied_from)
select named.new, $1, named.document, named.scene, null, t.number, t.media_hash, t.thumb_hash, t.frames, t.width,
       t.height, t.rate_num, t.rate_den, t.provenance, t.created_at, t.id
  from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[]) as named (old, new, document, scene)
  join takes t on t.id = named.old
on conflict (id) do nothing;

-- name: copy_take_parts
-- Of those that have none yet; their media is the copy's already.
insert into take_parts (take_id, project_id, name, media, facts)
select named.new, $1, p.name, p.media, p.facts
  from unnest($2::uuid[], $3::uuid[]) as named (old, new)
  join take_parts p on p.take_id = named.old
on conflict do nothing;

-- name: characters
select id from characters where project_id = $1 and deleted_at is null order by id;

-- name: copy_characters
insert into characters (id, project_id, name, face, appearance, voice_hash)
select named.new, $1, c.name, c.face, c.appearance, case when $4 then c.voice_hash end
  from unnest($2::uuid[], $3::uuid[]) as named (old, new)
  join characters c on c.id = named.old
on conflict (id) do nothing;

-- name: copy_images
insert into character_images (project_id, character_id, position, hash)
select $1, named.new, i.position, i.hash
  from unnest($2::uuid[], $3::uuid[]) as named (old, new)
  join character_images i on i.character_id = named.old
on conflict do nothing;

-- name: assets
select id from assets where project_id = $1 and deleted_at is null and state = 'ready' order by id;

-- name: copy_assets
insert into assets (id, project_id, created_by, name, kind, content_type, bytes, hash, state, stage, pct)
select named.new, $1, $4, a.name, a.kind, a.content_type, a.bytes, a.hash, a.state, a.stage, a.pct
  from unnest($2::uuid[], $3::uuid[]) as named (old, new)
  join assets a on a.id = named.old
on conflict (id) do nothing;
