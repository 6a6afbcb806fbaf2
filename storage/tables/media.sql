-- name: add_media
insert into media (hash, content_type, bytes) values ($1, $2, $3) on conflict (hash) do update set condemned_at = null where media.condemned_at is not null;

-- name: give_to_project
insert into project_media (project_id, hash) values ($1, $2) on conflict do nothing;

-- name: media
select hash, content_type, bytes from media where hash = $1;

-- name: media_of_project
select m.hash, m.content_type, m.bytes
  from project_media p join media m using (hash)
 where p.project_id = $1 and p.hash = $2;

-- name: media_given
select p.hash
  from project_media p join media m using (hash)
 where p.project_id = $1 and p.hash = any($2::text[]) and m.condemned_at is null;
