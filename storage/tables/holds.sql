-- name: payer
-- Its owner, unless somebody else does who is there: a member, a team that was not deleted, its own wallet.
select payer.holder_kind, payer.holder_id, users.tier
  from projects
  left join project_payers p
    on p.project_id = projects.id
   and case p.holder_kind
           when 'user' then exists (
               select from project_members m where m.project_id = projects.id and m.user_id = p.holder_id)
           when 'team' then exists (select from teams where teams.id = p.holder_id)
           else true
       end
 cross join lateral (
     select coalesce(p.holder_kind, 'user') as holder_kind, coalesce(p.holder_id, projects.owner_id) as holder_id
 ) payer
  left join users on payer.holder_kind = 'user' and users.id = payer.holder_id
 where projects.id = $1;

-- name: of_key
select * from credit_holds where key = $1;

-- name: of_id
select * from credit_holds where id = $1;

-- name: paid_of_run
select coalesce(sum(actual), 0)::bigint from credit_holds where run_id = $1 and state = 'settled';

-- name: lock
select * from credit_holds where id = $1 for update;

-- name: add
insert into credit_holds
    (id, key, holder_kind, holder_id, project_id, user_id, run_id, amount, period, made_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (key) do nothing
returning *;

-- name: finish
update credit_holds
   set state = $2, actual = $3, saved = $4, ended_at = now()
 where id = $1 and state = 'open'
returning *;

-- name: extend
update credit_holds
   set expires_at = greatest(expires_at, $2)
 where id = $1 and state = 'open'
returning *;

-- name: due
-- Past their time, of runs that have ended or were never any: an unfinished run settles its own.
select id from credit_holds
 where state = 'open' and expires_at < $1
   and not exists (select from runs where runs.id = credit_holds.run_id and runs.state in ('queued', 'running'))
 order by expires_at
 limit $2;

-- name: count
-- The budgets that are used by more than four fifths now. Whoever finds one over its cap takes everything back. A
-- budget of one person stands in for the one of each person.
with counted as (
    insert into credit_usage as counter (subject_id, person_id, period, used)
    select distinct subject_id, person_id, period, $4::bigint
      from unnest($1::uuid[], $2::uuid[], $3::text[]) as wanted (subject_id, person_id, period)
     order by subject_id, person_id, period
    on conflict (subject_id, person_id, period) do update set used = counter.used + excluded.used
    returning subject_id, person_id, case when period = 'always' then 'always' else 'month' end as period, used
)
select b.id, b.project_id, b.scope, b.person_id, b.period, b.cap, counted.used
  from credit_budgets b
  join counted
    on counted.period = b.period
   and counted.subject_id = case when b.scope = 'run' then $7::uuid else $5::uuid end
   and counted.person_id = case when b.scope = 'person' then $6::uuid
                                else '00000000-0000-0000-0000-000000000000'::uuid end
 where b.project_id = $5
   and (b.person_id is null or b.person_id = $6)
   and not (b.scope = 'person' and b.person_id is null and exists (
           select from credit_budgets own
            where own.project_id = $5 and own.person_id = $6 and own.period = b.period))
   and counted.used > b.cap - b.cap / 5
union all
select null, null, 'wallet', null, 'month', $9::bigint, counted.used
  from counted
 where counted.subject_id = $8 and counted.period = 'month'
   and counted.person_id = '00000000-0000-0000-0000-000000000000'
   and counted.used > $9::bigint - $9::bigint / 5;

-- name: uncount
with counters as (
    select counter.subject_id, counter.person_id, counter.period
      from credit_usage counter
      join unnest($1::uuid[], $2::uuid[], $3::text[]) as wanted (subject_id, person_id, period)
        using (subject_id, person_id, period)
     order by counter.subject_id, counter.person_id, counter.period
       for update of counter
)
update credit_usage counter
   set used = counter.used - $4
  from counters
 where (counter.subject_id, counter.person_id, counter.period)
     = (counters.subject_id, counters.person_id, counters.period);
