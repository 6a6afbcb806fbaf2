-- name: balance_before
-- What the holder had then, held or not: of each account the balance behind its last entry.
select coalesce(sum(last.balance), 0)::bigint
  from ledger_accounts a
 cross join lateral (
     select e.balance
       from ledger_entries e
       join ledger_journals j on j.id = e.journal_id
      where e.account_id = a.id and j.at < $2
      order by e.journal_id desc
      limit 1
 ) last
 where a.holder_id = $1 and a.kind in ('wallet', 'held');

-- name: totals
-- What only went from the wallet to what is held, or back, has moved nothing.
with moved as (
    select j.kind, sum(e.amount) as amount
      from ledger_journals j
      join ledger_entries e on e.journal_id = j.id
      join ledger_accounts a on a.id = e.account_id
     where j.at >= $2 and j.at < $3 and a.holder_id = $1 and a.kind in ('wallet', 'held')
     group by j.id
    having sum(e.amount) <> 0
)
select kind, sum(amount)::bigint as amount, count(*) as lines from moved group by kind order by kind;

-- name: projects
-- What generations cost in each, and what they would have cost more. (What they need not have paid at all moved nothing.)
with moved as (
    select j.project_id, j.hold_id, sum(e.amount) as amount
      from ledger_journals j
      join ledger_entries e on e.journal_id = j.id
      join ledger_accounts a on a.id = e.account_id
     where j.at >= $2 and j.at < $3 and j.kind = 'settlement' and a.holder_id = $1 and a.kind in ('wallet', 'held')
     group by j.id
), told as (
    select moved.project_id, -moved.amount as spent, h.saved
      from moved
      join credit_holds h on h.id = moved.hold_id
     union all
    select project_id, 0, amount from credit_savings where holder_id = $1 and at >= $2 and at < $3
)
select told.project_id, projects.title, sum(told.spent)::bigint as spent, sum(told.saved)::bigint as saved
  from told
  left join projects on projects.id = told.project_id
 group by told.project_id, projects.title
 order by spent desc, told.project_id;

-- name: lines
select j.id, j.at, j.kind, sum(e.amount)::bigint as amount, j.project_id, projects.title, j.run_id, j.user_id,
       users.name, j.detail
  from ledger_journals j
  join ledger_entries e on e.journal_id = j.id
  join ledger_accounts a on a.id = e.account_id
  left join projects on projects.id = j.project_id
  left join users on users.id = j.user_id
 where j.at >= $2 and j.at < $3 and j.id > $4 and a.holder_id = $1 and a.kind in ('wallet', 'held')
 group by j.id, projects.title, users.name
having sum(e.amount) <> 0
 order by j.id
 limit $5;
