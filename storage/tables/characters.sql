-- name: add
insert into characters (id, project_id, name, face, appearance, voice_hash)
values ($1, $2, $3, $4::text::vector, $5, $6);

-- name: change
update characters
   set name = $3, face = $4::text::vector, appearance = $5, voice_hash = $6, updated_at = now()
 where project_id = $1 and id = $2;

-- name: forget_images
delete from character_images where character_id = $1;

-- name: add_images
insert into character_images (project_id, character_id, position, hash)
select $1, $2, image.position - 1, image.hash
  from unnest($3::text[]) with ordinality as image (hash, position);

-- name: count
-- Deleted ones too: they may come back.
select count(*) from characters where project_id = $1;

-- name: of_project
-- By name, behind ($3, $4); $2: whether those that were deleted.
select c.id, c.name, c.face::text as face, c.appearance, c.voice_hash, c.created_at, c.updated_at,
       array(select i.hash from character_images i where i.character_id = c.id order by i.position) as images
  from characters c
 where c.project_id = $1 and (c.deleted_at is not null) = $2 and c.purge_began_at is null
   and ($4::uuid is null or (c.name, c.id) > ($3, $4))
 order by c.name, c.id
 limit $5;

-- name: of_id
select c.id, c.name, c.face::text as face, c.appearance, c.voice_hash, c.created_at, c.updated_at,
       array(select i.hash from character_images i where i.character_id = c.id order by i.position) as images
  from characters c
 where c.project_id = $1 and c.id = $2 and (c.deleted_at is not null) = $3 and c.purge_began_at is null;

-- name: nearest
-- Exact: a project has few characters. Distance: 1 - cosine.
select c.id, c.name, c.face::text as face, c.appearance, c.voice_hash, c.created_at, c.updated_at,
       array(select i.hash from character_images i where i.character_id = c.id order by i.position) as images,
       c.face <=> $2::text::vector as distance
  from characters c
 where c.project_id = $1 and c.deleted_at is null and c.face is not null
 order by distance, c.id
 limit $3;

-- name: delete
update characters set deleted_at = now(), updated_at = now() where project_id = $1 and id = $2;

-- name: restore
update characters
   set deleted_at = null, updated_at = now()
 where project_id = $1 and id = $2 and purge_began_at is null;

-- name: media_of_type
-- Which of the hashes the project has, of a content type that begins so.
select p.hash
  from project_media p
  join media m on m.hash = p.hash
 where p.project_id = $1 and p.hash = any($2::text[]) and starts_with(m.content_type, $3);
