-- name: add_run
insert into runs (id, project_id, document_id, scene_id, requested_by, idempotency_key, state, request, traceparent, woken_at, milestones)
values ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, now(), 1);

-- name: run_of_id
select * from runs where id = $1;

-- name: run_of_key
select * from runs where requested_by = $1 and idempotency_key = $2;

-- name: unfinished_run_of_scene
select * from runs
 where document_id = $1 and scene_id = $2 and state in ('queued', 'running')
 order by created_at desc
 limit 1;

-- name: lease
-- Only a run that nobody holds; whoever takes it over writes under a new epoch.
update runs
   set state = 'running', epoch = epoch + 1, attempt = attempt + 1,
       lease_owner = $2, lease_until = now() + $3::interval, updated_at = now()
 where id = $1 and state in ('queued', 'running') and not cancel_requested
   and (lease_until is null or lease_until < now())
returning *;

-- name: renew
update runs
   set lease_until = now() + $3::interval
 where id = $1 and epoch = $2 and state = 'running' and not cancel_requested
returning id;

-- name: hand_back
update runs
   set state = 'queued', lease_owner = null, lease_until = null, woken_at = null,
       attempt = attempt - $3, updated_at = now()
 where id = $1 and epoch = $2 and state = 'running'
returning id;

-- name: lock
select state, epoch, cancel_requested from runs where id = $1 for update;

-- name: advance
update runs
   set stage = $3, pct = greatest(pct, $4), milestones = milestones + 1, updated_at = now()
 where id = $1 and epoch = $2;

-- name: finish
update runs
   set state = $3, stage = $4, pct = $5, error = $6, take_id = $7, milestones = milestones + 1,
       lease_owner = null, lease_until = null, updated_at = now(), finished_at = now()
 where id = $1 and epoch = $2;

-- name: ask_cancel
update runs
   set cancel_requested = true, updated_at = now()
 where id = $1 and state in ('queued', 'running')
returning *;

-- name: due
-- Runs that nobody holds and nobody was told about lately. Telling twice costs a look at the row.
update runs
   set woken_at = now()
 where id in (
       select id from runs
        where state in ('queued', 'running') and not cancel_requested
          and (lease_until is null or lease_until < now())
          and (woken_at is null or woken_at < lease_until or woken_at < now() - $1::interval)
        order by created_at
        limit $2
          for update skip locked)
returning id;

-- name: unfinished_cancels
select id from runs
 where state in ('queued', 'running') and cancel_requested and updated_at < now() - $1::interval
 order by updated_at
 limit $2;

-- name: put_step
insert into run_steps (run_id, stage, key, output)
values ($1, $2, $3, $4)
on conflict (run_id, stage) do update set key = excluded.key, output = excluded.output, finished_at = now();

-- name: steps
select stage, key, output from run_steps where run_id = $1;

-- name: brain_of_project
select brain from projects where id = $1 and deleted_at is null;

-- name: forget_steps
delete from run_steps where run_id = $1;
