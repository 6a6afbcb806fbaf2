-- name: scenes_of_project
-- In story order, in which what has no season comes first. $2: of one episode, or null; $3, $4, $5: behind this episode,
-- position and scene, or null; $6: how many; $7: of these episodes, or null for all.
with story as (
    select e.id, e.deleted_at, row_number() over (order by z.ord nulls first, z.id, e.ord, e.id) as place
      from episodes e
      left join seasons z on z.id = e.season_id
     where e.project_id = $1
)
select s.document_id, s.id, s.seq, s.position, s.number, s.title, s.slug, s.prompt, s.status, s.current_take, s.est_frames,
       e.id as episode_id
  from story e
  join documents d on d.episode_id = e.id
  join scenes s on s.document_id = d.id
 where e.deleted_at is null and ($2::uuid is null or e.id = $2) and ($7::uuid[] is null or e.id = any($7))
   and ($3::uuid is null
        or (e.place, s.position, s.id) > ((select f.place from story f where f.id = $3), $4::integer, $5::text))
 order by e.place, s.position, s.id
 limit $6;

-- name: scene_of_project
-- Ids are chosen by clients: if two episodes have the same, the first one's. $3: of these episodes, or null for all.
select s.document_id, s.id, s.seq, s.position, s.number, s.title, s.slug, s.prompt, s.status, s.current_take, s.est_frames,
       e.id as episode_id
  from scenes s
  join documents d on d.id = s.document_id
  join episodes e on e.id = d.episode_id and e.deleted_at is null
  left join seasons z on z.id = e.season_id
 where s.project_id = $1 and s.id = $2 and ($3::uuid[] is null or e.id = any($3))
 order by z.ord nulls first, z.id, e.ord, e.id
 limit 1;

-- name: is_in_document
select exists (select from scenes where document_id = $1 and id = $2);

-- name: event_cursor
select event_cursor from projects where id = $1;

-- name: overview
-- The newest take row and not `current_take`: rows of takes are committed with their event, projections follow later.
-- $3: of these episodes, or null for all.
select s.id, e.id as episode_id, s.number, s.title, s.slug, s.prompt, s.status,
       r.id as run_id, r.state as run_state, r.stage as run_stage, r.pct as run_pct,
       t.id as take_id, t.number as take_number, t.media_hash, t.thumb_hash, t.frames, t.rate_num, t.rate_den,
       p.payload as preview
  from scenes s
  join documents d on d.id = s.document_id
  join episodes e on e.id = d.episode_id and e.deleted_at is null
  left join seasons z on z.id = e.season_id
  left join lateral (
      select id, state, stage, pct
        from runs
       where document_id = s.document_id and scene_id = s.id
       order by created_at desc
       limit 1
  ) r on true
  left join lateral (
      select id, number, media_hash, thumb_hash, frames, rate_num, rate_den
        from takes
       where document_id = s.document_id and scene_id = s.id
       order by number desc
       limit 1
  ) t on true
  left join lateral (
      select payload
        from project_events
       where project_id = s.project_id and kind = 'preview' and payload ->> 'scn' = s.id
       order by cursor desc
       limit 1
  ) p on true
 where s.project_id = $1 and ($2::uuid is null or e.id = $2) and ($3::uuid[] is null or e.id = any($3))
 order by z.ord nulls first, z.id, e.ord, e.id, s.position, s.id;
