-- name: add_season
insert into seasons (id, project_id, ord, title) values ($1, $2, $3, $4);

-- name: seasons
select id, ord, title, created_at, updated_at
  from seasons
 where project_id = $1
 order by ord, id;

-- name: change_season
update seasons
   set title = coalesce($3, title), ord = coalesce($4, ord), updated_at = now()
 where project_id = $1 and id = $2;

-- name: remove_season
delete from seasons where project_id = $1 and id = $2;

-- name: add_episode
insert into episodes (id, project_id, season_id, ord, title) values ($1, $2, $3, $4, $5);

-- name: episodes
-- In story order: those of no season first. $2: whether those that were deleted.
select e.id, e.project_id, e.season_id, e.ord, e.title, e.created_at, e.updated_at, e.deleted_at,
       sb.id as storyboard, sb.epoch as storyboard_epoch, tl.id as timeline, tl.epoch as timeline_epoch
  from episodes e
  left join seasons s on s.id = e.season_id
  join documents sb on sb.episode_id = e.id and sb.kind = 'sb'
  join documents tl on tl.episode_id = e.id and tl.kind = 'tl'
 where e.project_id = $1 and (e.deleted_at is not null) = $2 and e.purge_began_at is null
 order by s.ord nulls first, s.id, e.ord, e.id;

-- name: count_episodes
-- Deleted ones too: they may come back.
select count(*) from episodes where project_id = $1;

-- name: change_episode
update episodes
   set title = coalesce($3, title), season_id = $4, ord = $5, updated_at = now()
 where project_id = $1 and id = $2;

-- name: delete_episode
update episodes set deleted_at = now(), updated_at = now() where project_id = $1 and id = $2;

-- name: restore_episode
update episodes
   set deleted_at = null, updated_at = now()
 where project_id = $1 and id = $2 and purge_began_at is null;

-- name: storyboard
-- Of one episode; $2 null: of the first. $3: of these, or null for all.
select d.id
  from episodes e
  left join seasons s on s.id = e.season_id
  join documents d on d.episode_id = e.id and d.kind = 'sb'
 where e.project_id = $1 and e.deleted_at is null and ($2::uuid is null or e.id = $2)
   and ($3::uuid[] is null or e.id = any($3))
 order by s.ord nulls first, s.id, e.ord, e.id
 limit 1;
