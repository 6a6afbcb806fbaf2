-- name: add
insert into steps (run_id, name, kind, needs, params, tenant, lane, priority, state)
values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting');

-- name: of_run
select * from steps where run_id = $1 order by created_at, name;

-- name: lock_claims
-- Claims come one after another, so that places and shares are counted exactly.
select set_config('lock_timeout', $1, true), pg_advisory_xact_lock(hashtextextended('claims of steps', 0));

-- name: claim
-- Of the tenants who wait those who were served least, of each the step whose turn it is, of those the most urgent.
-- The row of no tenant holds how far the service is: who comes back starts there, as absence is no credit.
with service as (
    select coalesce(max(served), 0) as at from shares where tenant = '00000000-0000-0000-0000-000000000000'
), taken as (
    select lane, count(*) as running
      from (select lane from steps where state = 'running'
             union all
            select lane from steps where keeps_place and state = 'ready') placed
     group by lane
), shut as (
    select lane from lanes where (places = 0 or held_until is not null) and (places = 0 or held_until > now())
     union all
    select lanes.lane from lanes join taken using (lane) where taken.running >= lanes.places
     union all
    select account.lane from lanes account join lanes on lanes.within = account.lane join taken on taken.lane = lanes.lane
     group by account.lane
    having sum(taken.running) >= account.places
), full_lanes as (
    select lane from shut
     union
    select lane from lanes where within in (select lane from shut)
), waiting as (
    select tenant, served from shares
     where is_waiting
       and exists (select 1 from steps ready
                    where ready.tenant = shares.tenant and ready.state = 'ready' and ready.due_at <= now()
                      and (ready.keeps_place or ready.lane not in (select lane from full_lanes)))
     order by served
     limit $1
), candidates as (
    select step.run_id, step.name, step.tenant, step.ready_at, step.keeps_place, greatest(waiting.served, service.at) as served,
           step.priority + floor(extract(epoch from now() - step.ready_at) / $2)::integer as urgency
      from waiting, service,
      lateral (select ready.* from steps ready
                where ready.tenant = waiting.tenant and ready.state = 'ready' and ready.due_at <= now()
                  and (ready.keeps_place or ready.lane not in (select lane from full_lanes))
                order by ready.priority desc, ready.ready_at
                limit 1) step
), picked as (
    select * from candidates order by least(urgency, 1) desc, served, ready_at limit 1
), charged as (
    insert into shares (tenant, served)
    select tenant, served + case when keeps_place then 0 else 1 end from picked  -- to look again is no service
     union all
    select '00000000-0000-0000-0000-000000000000', served from picked
    on conflict (tenant) do update set served = excluded.served
)
update steps
   set state = 'running', epoch = epoch + 1, attempt = attempt + 1, lease_owner = $3,
       lease_until = now() + $4::interval, started_at = coalesce(started_at, now())
  from picked
 where steps.run_id = picked.run_id and steps.name = picked.name
returning steps.*;

-- name: rest_tenants
-- Those who were looked at and have nothing that is ready, now or later, wait no more.
update shares
   set is_waiting = false
 where tenant in (select tenant from shares where is_waiting order by served limit $1)
   and not exists (select 1 from steps where steps.tenant = shares.tenant and steps.state = 'ready')
returning tenant;

-- name: wait
-- A row that says so already is not touched, so nobody queues here for another's transaction.
with known as (update shares set is_waiting = true where tenant = $1 and not is_waiting)
insert into shares (tenant, served, is_waiting) values ($1, 0, true) on conflict (tenant) do nothing;

-- name: wait_again
-- Who was said to have nothing while his step was being written.
update shares
   set is_waiting = true
 where not is_waiting and tenant in (select distinct tenant from steps where state = 'ready' and due_at <= now());

-- name: renew
update steps
   set lease_until = now() + $4::interval
 where run_id = $1 and name = $2 and epoch = $3 and state = 'running'
   and exists (select 1 from runs where id = $1 and state = 'running' and not cancel_requested)
returning name;

-- name: held
select epoch = $3 and state = 'running' as held from steps where run_id = $1 and name = $2 for update;

-- name: finish
update steps
   set state = 'done', output = $3, layer = $4, memo = null, lease_owner = null, lease_until = null, finished_at = now()
 where run_id = $1 and name = $2;

-- name: withdraw
update steps set key = null where run_id = $1 and name = $2;

-- name: reuse
-- What the tenant has made already, or is making now, as far as whoever asked for the run may see it; its own run may
-- have it under another name. In a project that wants everything anew, only what the run goes on from.
with asker as (
    select run.project_id, run.requested_by, run.replays, coalesce(policy.mode = 'off', false) as wants_anew
      from runs run
      left join cache_policies policy using (project_id)
     where run.id = $3
)
select made.run_id, made.name, made.state, made.output
  from steps made
  join runs source on source.id = made.run_id
 cross join asker
 where made.tenant = $1 and made.key = $2 and not (made.run_id = $3 and made.name = $4)
   and (made.state in ('ready', 'running', 'parked')
        or (made.state = 'done' and made.finished_at > now() - $5::interval))
   and (not asker.wants_anew or source.id in ($3, asker.replays))
   and (source.project_id = asker.project_id
        or exists (select 1 from project_grants seen
                    where seen.project_id = source.project_id and seen.user_id = asker.requested_by
                      and seen.episode_id is null))
 order by made.state = 'done' desc, made.created_at
 limit 1;

-- name: is_made
select exists (select from steps where tenant = $1 and key = $2 and state in ('ready', 'running', 'parked', 'done'));

-- name: waiting
-- Of everybody; no more than are worth counting.
select count(*) from (select from steps where state = 'ready' and due_at <= now() and not keeps_place limit $1) few;

-- name: copy
update steps
   set state = 'done', key = $3, output = $4, reused_from = $5, layer = 'exact', ready_at = now(), finished_at = now()
 where run_id = $1 and name = $2;

-- name: follow
update steps set state = 'following', key = $3, ready_at = now() where run_id = $1 and name = $2;

-- name: ready
update steps
   set state = 'ready', key = $3, ready_at = now(), due_at = now(), rung_at = now()
 where run_id = $1 and name = $2;

-- name: followers
select distinct run_id from steps where tenant = $1 and key = $2 and state = 'following';

-- name: lone_followers
-- Whose leader has ended without an output, or whose news was lost.
select distinct step.run_id from steps step
 where step.state = 'following'
   and not exists (select 1 from steps leader
                    where leader.tenant = step.tenant and leader.key = step.key
                      and leader.state in ('ready', 'running', 'parked'))
 limit $1;

-- name: later
update steps
   set state = 'ready', due_at = now() + $3::interval, memo = $4, attempt = attempt - 1,
       lane = coalesce($5, lane), keeps_place = $6,
       lease_owner = null, lease_until = null, rung_at = now() + $3::interval
 where run_id = $1 and name = $2;

-- name: park
update steps
   set state = 'parked', memo = $3, lease_owner = null, lease_until = null
 where run_id = $1 and name = $2;

-- name: parked
select * from steps where run_id = $1 and name = $2 for update;

-- name: hand_back
update steps
   set state = 'ready', due_at = now() + $4::interval, attempt = attempt - $5, error = $6,
       lease_owner = null, lease_until = null, rung_at = now() + $4::interval
 where run_id = $1 and name = $2 and epoch = $3 and state = 'running'
returning name;

-- name: fail
update steps
   set state = 'failed', error = $3, lease_owner = null, lease_until = null, finished_at = now()
 where run_id = $1 and name = $2;

-- name: end_all
update steps
   set state = 'cancelled', lease_owner = null, lease_until = null, finished_at = now()
 where run_id = $1 and state not in ('done', 'failed', 'cancelled');

-- name: distrust
-- What these keys stand for is not there any more, whoever made it.
update steps known
   set key = null
  from steps bad
 where bad.run_id = $1 and bad.key is not null and known.tenant = bad.tenant and known.key = bad.key
   and known.state = 'done' and known.run_id <> $1;

-- name: afresh
update steps
   set state = 'waiting', key = null, output = null, memo = null, reused_from = null, layer = null, keeps_place = false,
       lease_owner = null, lease_until = null, finished_at = null
 where run_id = $1;

-- name: lapse
-- Steps of workers that have fallen silent are anybody's again.
update steps
   set state = 'ready', due_at = now(), lease_owner = null, lease_until = null, rung_at = null
 where (run_id, name) in (
       select run_id, name from steps
        where state = 'running' and lease_until < now()
        order by lease_until
        limit $1
          for update skip locked)
returning run_id;

-- name: due
-- Steps that nobody was told about lately. Telling twice costs a claim that finds nothing.
update steps
   set rung_at = now()
 where (run_id, name) in (
       select run_id, name from steps
        where state = 'ready' and due_at <= now() and (rung_at is null or rung_at < now() - $1::interval)
        order by due_at
        limit $2
          for update skip locked)
returning run_id, name, epoch;

-- name: hasten
-- One that was put off; a worker that holds it asks anyway.
update steps
   set due_at = now(), rung_at = now()
 where run_id = $1 and name = $2 and state = 'ready' and keeps_place and due_at > now()
returning epoch;

-- name: begin_run
-- `again`: an attempt was lost on the way, so what its worker still says is of an older epoch.
update runs
   set state = 'running', attempt = greatest(attempt, $2), epoch = case when $3 then epoch + 1 else greatest(epoch, 1) end,
       updated_at = now()
 where id = $1 and state in ('queued', 'running') and not cancel_requested
returning *;

-- name: rest_run
-- Nobody is at it now.
update runs
   set state = 'queued', updated_at = now(),
       attempt = (select coalesce(max(attempt), 0) from steps where run_id = $1 and state not in ('done'))
 where id = $1 and state = 'running' and not exists (select 1 from steps where run_id = $1 and state = 'running');
