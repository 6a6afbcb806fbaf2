-- name: open_accounts
insert into ledger_accounts (holder_kind, holder_id, kind, name)
select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[]) as missing (holder_kind, holder_id, kind, name)
 order by holder_id, kind, name
on conflict (holder_id, kind, name) do nothing;

-- name: lock_accounts
-- In the order of their ids, so that nobody waits in a circle.
select a.id, a.holder_kind, a.holder_id, a.kind, a.name, a.balance, a.month_cap
  from ledger_accounts a
  join unnest($1::uuid[], $2::text[], $3::text[]) as wanted (holder_id, kind, name)
    on (wanted.holder_id, wanted.kind, wanted.name) = (a.holder_id, a.kind, a.name)
 order by a.id
   for update of a;

-- name: is_posted
select exists (select from ledger_journals where key = $1);

-- name: post
-- No row where somebody has posted it meanwhile.
with journal as (
    insert into ledger_journals (key, kind, hold_id, project_id, run_id, user_id, detail)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (key) do nothing
    returning id
)
insert into ledger_entries (account_id, journal_id, amount)
select moved.account_id, journal.id, moved.amount
  from journal, unnest($8::bigint[], $9::bigint[]) as moved (account_id, amount)
 order by moved.account_id
returning journal_id;

-- name: accounts_of_holder
select id, holder_kind, holder_id, kind, name, balance, month_cap
  from ledger_accounts
 where holder_id = $1
 order by id;

-- name: by_kind
select kind, sum(balance)::bigint as balance from ledger_accounts group by kind;

-- name: proof
-- Zeros, in a ledger that is right: all balances together; what is held beside the holds that are open; how many of the
-- accounts behind $1 do not have the balance of their entries.
with checked as (
    select id, balance from ledger_accounts where id > $1 order by id limit $2
)
select (select coalesce(sum(balance), 0) from ledger_accounts)::bigint as imbalance,
       ((select coalesce(sum(balance), 0) from ledger_accounts where kind = 'held')
           - (select coalesce(sum(amount), 0) from credit_holds where state = 'open'))::bigint as held_astray,
       (select count(*) from checked
         where balance <> (select coalesce(sum(amount), 0) from ledger_entries where account_id = checked.id)) as wrong,
       (select max(id) from checked) as last_id;
