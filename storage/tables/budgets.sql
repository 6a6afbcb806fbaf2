-- name: of_project
-- With what is used of each: of one for each person by $2, of one for each run nothing that could be said of all.
select b.id, b.scope, b.person_id, b.period, b.cap, coalesce(counter.used, 0) as used
  from credit_budgets b
  left join credit_usage counter
    on counter.subject_id = b.project_id and b.scope <> 'run'
   and counter.person_id = case when b.scope = 'person' then coalesce(b.person_id, $2)
                                else '00000000-0000-0000-0000-000000000000' end
   and counter.period = case b.period when 'month' then $3 else 'always' end
 where b.project_id = $1
 order by b.scope, b.person_id nulls first, b.period, b.id;

-- name: put
insert into credit_budgets (id, project_id, scope, person_id, period, cap)
values ($1, $2, $3, $4, $5, $6)
on conflict on constraint credit_budgets_once do update set cap = excluded.cap, updated_at = now()
returning id;

-- name: keep_only
delete from credit_budgets where project_id = $1 and id <> all($2::uuid[]);

-- name: used
select coalesce((select used from credit_usage where subject_id = $1 and person_id = $2 and period = $3), 0);

-- name: held_of_project
select coalesce(sum(amount), 0)::bigint from credit_holds where project_id = $1 and state = 'open';

-- name: holds_of_project
select *
  from credit_holds
 where project_id = $1 and ($2::uuid is null or id < $2)
 order by id desc
 limit $3;

-- name: set_payer
insert into project_payers (project_id, holder_kind, holder_id)
values ($1, $2, $3)
on conflict (project_id) do update set holder_kind = excluded.holder_kind, holder_id = excluded.holder_id;

-- name: clear_payer
delete from project_payers where project_id = $1;

-- name: cap_wallet
update ledger_accounts set month_cap = $2 where holder_id = $1 and kind = 'wallet';

-- name: lock_project
select from projects where id = $1 for no key update;

-- name: tier
select tier from users where id = $1 and kind = 'person';
