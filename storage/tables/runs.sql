-- name: add_run
insert into runs (id, project_id, document_id, scene_id, requested_by, idempotency_key, state, request, wish, traceparent,
                  replays, milestones)
values ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $9, $10, 1);

-- name: run_of_id
select * from runs where id = $1;

-- name: runs_of_project
-- $5: of these episodes, or null for all.
select * from runs
 where project_id = $1 and ($2::text is null or state = $2)
   and ($5::uuid[] is null or document_id in (select d.id from documents d where d.episode_id = any($5)))
   and ($3::uuid is null or (created_at, id) < (select created_at, id from runs where id = $3))
 order by created_at desc, id desc
 limit $4;

-- name: failed_of_project
-- The newest run of each scene, where it failed. $2: codes of errors, or null for all; $3: ended since then, or null;
-- $5: of these episodes, or null for all.
select *
  from (select distinct on (document_id, scene_id) *
          from runs
         where project_id = $1
           and ($5::uuid[] is null or document_id in (select d.id from documents d where d.episode_id = any($5)))
         order by document_id, scene_id, created_at desc, id desc) newest
 where state = 'failed'
   and ($2::text[] is null or error ->> 'code' = any($2))
   and ($3::timestamptz is null or finished_at >= $3)
 order by finished_at, id
 limit $4;

-- name: run_of_key
select * from runs where requested_by = $1 and idempotency_key = $2;

-- name: unfinished_run_of_scene
select * from runs
 where document_id = $1 and scene_id = $2 and state in ('queued', 'running')
 order by created_at desc
 limit 1;

-- name: lock
select state, pct, milestones, cancel_requested from runs where id = $1 for update;

-- name: advance
update runs
   set stage = $2, pct = greatest(pct, $3), milestones = milestones + 1, updated_at = now()
 where id = $1;

-- name: finish
update runs
   set state = $2, stage = $3, pct = greatest(pct, $4), error = $5, take_id = $6, cost_microcredits = $7,
       milestones = milestones + 1, updated_at = now(), finished_at = now()
 where id = $1;

-- name: ask_cancel
update runs
   set cancel_requested = true, updated_at = now()
 where id = $1 and state in ('queued', 'running')
returning *;

-- name: unfinished_cancels
select id from runs
 where state in ('queued', 'running') and cancel_requested and updated_at < now() - $1::interval
 order by updated_at
 limit $2;

-- name: manner_of_project
select brain, kind, owner_id from projects where id = $1 and deleted_at is null;
