-- name: lock_run
select from runs where id = $1 for update;

-- name: standing_of_item
-- The open one, of which there is one at most, else what this request has made. Not by time: clocks step back.
select * from intents
 where run_id = $1 and step = $2 and item = $3
   and (state in ('intent', 'submitted', 'unknown') or (state = 'succeeded' and digest = $4))
 order by state <> 'succeeded' desc, created_at
 limit 1;

-- name: add
insert into intents (id, run_id, step, item, provider, model, kind, duration_s, digest, most_microcredits, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp())
returning *;

-- name: of_id
select * from intents where id = $1;

-- name: of_run
select * from intents where run_id = $1 order by created_at, id;

-- name: of_ids
select * from intents where id = any($1) order by created_at, id;

-- name: of_task
-- A callback may name only the last segment of a task.
select * from intents
 where provider = $1 and state = 'submitted' and (task = $2 or right(task, length($2) + 1) = '/' || $2);

-- name: submitted
update intents
   set state = 'submitted', task = $2, most_microcredits = $3, failure = null, changed_at = now()
 where id = $1 and state in ('intent', 'unknown')
returning *;

-- name: unknown
update intents
   set state = 'unknown', failure = $2, changed_at = now()
 where id = $1 and state = 'intent'
returning *;

-- name: ended
update intents
   set state = $2, cost_microcredits = $3, failure = $4, result = $5, changed_at = now()
 where id = $1 and state = any($6)
returning *;

-- name: left_behind
-- Calls that nobody follows any more: their run has ended, or the step that made them. The oldest look comes first.
update intents
   set looked_at = clock_timestamp()
 where id in (
       select intents.id
         from intents
         join runs on runs.id = intents.run_id
         left join steps on steps.run_id = intents.run_id and steps.name = intents.step
        where intents.state in ('submitted', 'unknown')
          and (runs.state in ('complete', 'failed', 'cancelled') or steps.state in ('done', 'failed', 'cancelled'))
          and (intents.looked_at is null or intents.looked_at < clock_timestamp() - $1::interval)
        order by intents.looked_at nulls first, intents.created_at
        limit $2
          for update of intents skip locked)
returning *;

-- name: forsake
-- Whoever was to hear the answer has had long enough for it.
update intents
   set state = 'unknown', failure = $2, changed_at = now()
 where state = 'intent' and created_at < now() - $1::interval
returning *;

-- name: deliver
insert into provider_deliveries (provider, delivery) values ($1, $2) on conflict do nothing returning delivery;

-- name: forget_deliveries
delete from provider_deliveries where at < now() - $1::interval;
