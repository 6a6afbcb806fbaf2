-- name: episodes
select e.id, e.project_id, e.season_id, e.title, e.created_at, e.updated_at, d.id as storyboard
  from episodes e
  join documents d on d.episode_id = e.id and d.kind = 'sb'
 where e.id = any($1::uuid[]) and e.deleted_at is null;

-- name: episodes_of
-- In story order. Asked: a project, the episode behind which to begin, and how many. Of the projects $4 only the
-- episodes $5 are shown.
select asked.place as asked, f.*
  from unnest($1::uuid[], $2::uuid[], $3::integer[]) with ordinality as asked (project_id, after, limit_rows, place)
 cross join lateral (
    with story as (
        select e.id, e.deleted_at, row_number() over (order by z.ord nulls first, z.id, e.ord, e.id) as place
          from episodes e
          left join seasons z on z.id = e.season_id
         where e.project_id = asked.project_id
    )
    select e.id, e.project_id, e.season_id, e.title, e.created_at, e.updated_at, d.id as storyboard, s.place
      from story s
      join episodes e on e.id = s.id
      join documents d on d.episode_id = e.id and d.kind = 'sb'
     where s.deleted_at is null and (e.project_id <> all($4::uuid[]) or e.id = any($5::uuid[]))
       and (asked.after is null or s.place > (select b.place from story b where b.id = asked.after))
     order by s.place
     limit asked.limit_rows
 ) f
 order by asked.place, f.place;

-- name: scenes
select d.episode_id, s.project_id, s.document_id, s.id, s.position, s.number, s.title, s.slug, s.prompt, s.status,
       s.current_take, s.est_frames
  from unnest($1::uuid[], $2::text[]) as asked (episode_id, scene_id)
  join episodes e on e.id = asked.episode_id and e.deleted_at is null
  join documents d on d.episode_id = e.id and d.kind = 'sb'
  join scenes s on s.document_id = d.id and s.id = asked.scene_id;

-- name: scenes_of
-- In story order. Asked: an episode, the position and the id behind which to begin, and how many.
select asked.place as asked, f.*
  from unnest($1::uuid[], $2::integer[], $3::text[], $4::integer[])
       with ordinality as asked (episode_id, after_position, after_id, limit_rows, place)
 cross join lateral (
    select d.episode_id, s.project_id, s.document_id, s.id, s.position, s.number, s.title, s.slug, s.prompt, s.status,
           s.current_take, s.est_frames
      from documents d
      join scenes s on s.document_id = d.id
     where d.episode_id = asked.episode_id and d.kind = 'sb'
       and (asked.after_position is null or (s.position, s.id) > (asked.after_position, asked.after_id))
     order by s.position, s.id
     limit asked.limit_rows
 ) f
 order by asked.place, f.position, f.id;

-- name: characters
select c.id, c.project_id, c.name, c.appearance, c.voice_hash, c.created_at, c.updated_at,
       array(select i.hash from character_images i where i.character_id = c.id order by i.position) as images
  from characters c
 where c.id = any($1::uuid[]) and c.deleted_at is null and c.purge_began_at is null;

-- name: characters_of
-- By name. Asked: a project, the name and the id behind which to begin, and how many.
select asked.place as asked, f.*
  from unnest($1::uuid[], $2::text[], $3::uuid[], $4::integer[])
       with ordinality as asked (project_id, after_name, after_id, limit_rows, place)
 cross join lateral (
    select c.id, c.project_id, c.name, c.appearance, c.voice_hash, c.created_at, c.updated_at,
           array(select i.hash from character_images i where i.character_id = c.id order by i.position) as images
      from characters c
     where c.project_id = asked.project_id and c.deleted_at is null and c.purge_began_at is null
       and (asked.after_id is null or (c.name, c.id) > (asked.after_name, asked.after_id))
     order by c.name, c.id
     limit asked.limit_rows
 ) f
 order by asked.place, f.name, f.id;

-- name: takes
select t.*, d.episode_id
  from takes t
  join documents d on d.id = t.document_id
 where t.id = any($1::uuid[]);

-- name: takes_of
-- Newest first. Asked: a storyboard and a scene in it, the number below which to begin, and how many.
select asked.place as asked, f.*
  from unnest($1::uuid[], $2::text[], $3::integer[], $4::integer[])
       with ordinality as asked (document_id, scene_id, below, limit_rows, place)
 cross join lateral (
    select t.*, d.episode_id
      from takes t
      join documents d on d.id = t.document_id
     where t.document_id = asked.document_id and t.scene_id = asked.scene_id
       and (asked.below is null or t.number < asked.below)
     order by t.number desc
     limit asked.limit_rows
 ) f
 order by asked.place, f.number desc;

-- name: members_of
select m.project_id, m.user_id, m.role::text
  from project_members m
  join users u on u.id = m.user_id
 where m.project_id = any($1::uuid[])
 order by u.name, u.id;

-- name: users
select id, name, colour, kind from users where id = any($1::uuid[]);

-- name: meeting_places
-- Projects of $2 in which the asked may have a standing too.
select m.user_id, m.project_id
  from project_members m
 where m.user_id = any($1::uuid[])
   and m.project_id in (select g.project_id from project_grants g where g.user_id = $2);
