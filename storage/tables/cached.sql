-- name: add_take
insert into cached_takes (id, project_id, partition, key, stage, prompt, slots, output, cost_microcredits)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (project_id, partition, key) do update set made_at = now()
returning id;

-- name: unplaced
-- Those that nothing was compared with yet; the newest, as a partition is small.
select id, prompt from cached_takes
 where project_id = $1 and partition = $2 and not is_placed and made_at > now() - $3::interval
 order by made_at desc
 limit $4;

-- name: place
update cached_takes set is_placed = true where project_id = $1 and id = any($2::uuid[]);

-- name: has_takes
select exists (select from cached_takes where project_id = $1 and partition = $2 and made_at > now() - $3::interval);

-- name: takes
select id, key, stage, prompt, slots, output, cost_microcredits, made_at
  from cached_takes
 where project_id = $1 and partition = $2 and id = any($3::uuid[]) and made_at > now() - $4::interval;

-- name: take
select id, key, stage, prompt, slots, output, cost_microcredits, made_at
  from cached_takes
 where project_id = $1 and partition = $2 and id = $3;

-- name: old_takes
select project_id, id from cached_takes where made_at < now() - $1::interval order by made_at limit $2;

-- name: remove_takes
delete from cached_takes where id = any($1::uuid[]);

-- name: remove_old_decisions
with old as (
    select id from cache_decisions where decided_at < now() - $1::interval order by decided_at limit $2
), removed as (
    delete from cache_decisions where id in (select id from old) returning id
)
select id from removed limit 1;

-- name: component
select output, cost_microcredits from cached_components where project_id = $1 and kind = $2 and key = $3;

-- name: add_component
-- The first one stays; it is told to whoever comes second.
insert into cached_components (project_id, kind, key, output, cost_microcredits)
values ($1, $2, $3, $4, $5)
on conflict (project_id, kind, key) do update set output = cached_components.output
returning output;

-- name: remove_components
delete from cached_components where project_id = $1 and key = any($2::text[]);

-- name: add_decision
insert into cache_decisions (id, project_id, partition, key, stage, verdict, take_id, score, threshold, nominated,
                             differences, saves_microcredits, shadow, run_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: decision
select id, partition, key, stage, verdict, take_id, score, threshold, nominated, differences, saves_microcredits,
       answer, shadow, decided_at, run_id
  from cache_decisions
 where project_id = $1 and id = $2;

-- name: offer_of_run
select id, partition, key, stage, verdict, take_id, score, threshold, nominated, differences, saves_microcredits,
       answer, shadow, decided_at, run_id
  from cache_decisions
 where run_id = $1 and verdict = 'offered'
 order by id desc
 limit 1;

-- name: decisions
select id, partition, key, stage, verdict, take_id, score, threshold, nominated, differences, saves_microcredits,
       answer, shadow, decided_at, run_id
  from cache_decisions
 where project_id = $1 and ($2::uuid is null or id < $2)
 order by id desc
 limit $3;

-- name: answer
-- The same answer twice is one answer; only the first of them is the first.
with before as (
    select id, answer from cache_decisions
     where project_id = $1 and id = $2 and verdict = 'offered' and coalesce(answer, $3) = $3
       for update
)
update cache_decisions d
   set answer = $3, answered_at = coalesce(d.answered_at, now())
  from before
 where d.id = before.id
returning before.answer is null as is_first;

-- name: compare
-- What was to be made anew, or what a person has declined, who has seen it.
update cache_decisions
   set shadow = $3
 where project_id = $1 and id = $2 and (shadow in ('wanted', $3) or (shadow is null and answer = 'declined'))
returning id;

-- name: count
insert into cache_figures as f (project_id, day, layer, stage, requests, spent_microcredits, saved_microcredits)
values ($1, (now() at time zone 'utc')::date, $2, $3, 1, $4, $5)
on conflict (project_id, day, layer, stage) do update
   set requests = f.requests + 1,
       spent_microcredits = f.spent_microcredits + excluded.spent_microcredits,
       saved_microcredits = f.saved_microcredits + excluded.saved_microcredits;

-- name: figures
select layer, stage, sum(requests)::bigint as requests, sum(spent_microcredits)::bigint as spent_microcredits,
       sum(saved_microcredits)::bigint as saved_microcredits
  from cache_figures
 where project_id = $1 and day > (now() at time zone 'utc')::date - $2::integer
 group by layer, stage
 order by layer, stage;

-- name: shadows
select count(*) filter (where verdict = 'offered') as offered,
       count(*) filter (where answer = 'accepted') as accepted,
       count(*) filter (where answer = 'declined') as declined,
       count(*) filter (where shadow = 'same') as same,
       count(*) filter (where shadow = 'different') as different
  from cache_decisions
 where project_id = $1;

-- name: policy
select mode, prepares_ahead from cache_policies where project_id = $1;

-- name: set_policy
insert into cache_policies (project_id, mode, prepares_ahead)
values ($1, $2, $3)
on conflict (project_id) do update
   set mode = excluded.mode, prepares_ahead = excluded.prepares_ahead, changed_at = now();
