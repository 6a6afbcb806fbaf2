-- Credits: a ledger in double entry that the database itself keeps balanced, holds on what somebody may spend, budgets.

-- Amounts are micro-credits. Every holder has accounts of their own, also those of the house, the providers and the
-- promotions as far as they concern that holder: nobody waits for the row of a stranger. `name`: which provider.
create table ledger_accounts (
    id bigint primary key generated always as identity,
    holder_kind text not null check (holder_kind in ('user', 'team', 'project')),
    holder_id uuid not null,
    kind text not null check (
        kind in ('wallet', 'held', 'payable', 'house', 'provider', 'promotions', 'purchases', 'payouts')
    ),
    name text not null default '' check (length(name) <= 64),
    balance bigint not null default 0,
    month_cap bigint check (month_cap >= 0),
    unique (holder_id, kind, name),
    constraint ledger_accounts_named_by_provider check ((kind = 'provider') = (name <> '')),
    constraint ledger_accounts_not_overdrawn check (kind not in ('wallet', 'held', 'payable') or balance >= 0),
    constraint ledger_accounts_capped_wallets check (month_cap is null or kind = 'wallet')
);

-- `key`: what makes it happen once. What it is about may be gone: money outlives films.
create table ledger_journals (
    id bigint primary key generated always as identity,
    key text not null unique check (length(key) between 1 and 200),
    kind text not null check (
        kind in ('purchase', 'grant', 'hold', 'settlement', 'release', 'expiry', 'refund', 'transfer', 'sale', 'payout')
    ),
    at timestamptz not null default clock_timestamp(),
    hold_id uuid,
    project_id uuid,
    run_id uuid,
    user_id uuid,
    detail jsonb not null default '{}' check (jsonb_typeof(detail) = 'object')
);
create index ledger_journals_of_hold on ledger_journals (hold_id) where hold_id is not null;

-- `balance`: of the account behind the entry. Both are written by the trigger below and by nothing else.
create table ledger_entries (
    account_id bigint not null references ledger_accounts (id),
    journal_id bigint not null references ledger_journals (id),
    amount bigint not null check (amount <> 0 and abs(amount) <= 1000000000000000),
    balance bigint not null default 0,
    primary key (account_id, journal_id)
);
create index ledger_entries_of_journal on ledger_entries (journal_id);

create function post_ledger_entry() returns trigger
language plpgsql
as $$
begin
    update ledger_accounts set balance = balance + new.amount where id = new.account_id returning balance into new.balance;
    return new;
end
$$;
create trigger ledger_entries_move_balances
    before insert on ledger_entries
    for each row execute function post_ledger_entry();

-- At the commit: each journal has entries and they sum to zero, those that were added to an old one as well.
create function refuse_unbalanced_journal() returns trigger
language plpgsql
as $$
declare
    journal bigint;
    total numeric;
begin
    if tg_table_name = 'ledger_journals' then
        journal := new.id;
    else
        journal := new.journal_id;
    end if;
    select sum(amount) into total from ledger_entries where journal_id = journal;
    if total is distinct from 0 then
        raise exception 'journal % does not balance: %', journal, coalesce(total::text, 'no entries')
            using errcode = 'check_violation', constraint = 'ledger_journals_balance';
    end if;
    return null;
end
$$;
create constraint trigger ledger_journals_balance
    after insert on ledger_journals
    deferrable initially deferred
    for each row execute function refuse_unbalanced_journal();
create constraint trigger ledger_entries_balance
    after insert on ledger_entries
    deferrable initially deferred
    for each row execute function refuse_unbalanced_journal();

create function refuse_to_change_ledger() returns trigger
language plpgsql
as $$
begin
    raise exception 'the ledger is only appended to' using errcode = 'insufficient_privilege';
end
$$;
create trigger ledger_journals_are_append_only
    before update or delete or truncate on ledger_journals
    for each statement execute function refuse_to_change_ledger();
create trigger ledger_entries_are_append_only
    before update or delete or truncate on ledger_entries
    for each statement execute function refuse_to_change_ledger();
create trigger ledger_accounts_stay
    before delete or truncate on ledger_accounts
    for each statement execute function refuse_to_change_ledger();
create trigger ledger_accounts_begin_empty
    before insert on ledger_accounts
    for each row when (new.balance <> 0) execute function refuse_to_change_ledger();
-- Depth 0: somebody's own statement, and not that of `post_ledger_entry`.
create trigger ledger_accounts_move_by_entries
    before update on ledger_accounts
    for each row
    when (
        pg_trigger_depth() = 0 and (new.id, new.holder_kind, new.holder_id, new.kind, new.name, new.balance)
            is distinct from (old.id, old.holder_kind, old.holder_id, old.kind, old.name, old.balance)
    )
    execute function refuse_to_change_ledger();

-- The most that something may cost, taken out of a wallet until it is known. `period`: the month it is counted in.
-- `saved`: what it would have cost without a cache.
create table credit_holds (
    id uuid primary key,
    key text not null unique check (length(key) between 1 and 150),
    holder_kind text not null check (holder_kind in ('user', 'team', 'project')),
    holder_id uuid not null,
    project_id uuid not null,
    user_id uuid not null,
    run_id uuid,
    amount bigint not null check (amount between 0 and 1000000000000000),
    state text not null default 'open' check (state in ('open', 'settled', 'released', 'expired')),
    actual bigint check (actual between 0 and amount),
    saved bigint not null default 0 check (saved >= 0),
    period text not null check (period ~ '^[0-9]{4}-[0-9]{2}$'),
    made_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    check ((state = 'open') = (ended_at is null)),
    check ((state = 'settled') = (actual is not null))
);
create index credit_holds_expiring on credit_holds (expires_at) where state = 'open';
create index credit_holds_of_project on credit_holds (project_id, made_at desc, id desc);
create index credit_holds_of_run on credit_holds (run_id) where run_id is not null;
create index credit_holds_of_holder on credit_holds (holder_id) where state = 'open';

-- What is held and spent, as budgets count it. `subject_id`: a project, a run or the holder of a wallet; `person_id`:
-- zero for everybody together; `period`: a month, or `always`.
create table credit_usage (
    subject_id uuid not null,
    person_id uuid not null default '00000000-0000-0000-0000-000000000000',
    period text not null check (period = 'always' or period ~ '^[0-9]{4}-[0-9]{2}$'),
    used bigint not null check (used >= 0),
    primary key (subject_id, person_id, period)
);

-- Hard caps of a project: on itself, on each person in it or on one (`person_id`), on each of its runs.
create table credit_budgets (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    scope text not null check (scope in ('project', 'person', 'run')),
    person_id uuid references users (id),
    period text not null check (period in ('month', 'always')),
    cap bigint not null check (cap between 0 and 1000000000000000),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint credit_budgets_once unique nulls not distinct (project_id, scope, person_id, period),
    constraint credit_budgets_of_persons check (person_id is null or scope = 'person'),
    constraint credit_budgets_of_runs check (scope <> 'run' or period = 'always')
);

-- Whose wallet pays for a project, where that is not its owner's.
create table project_payers (
    project_id uuid primary key references projects (id) on delete cascade,
    holder_kind text not null check (holder_kind in ('user', 'team', 'project')),
    holder_id uuid not null
);

do $$
declare
    walled text;
begin
    foreach walled in array array['credit_holds', 'credit_budgets', 'project_payers'] loop
        execute format('alter table %I enable row level security', walled);
        execute format(
            'create policy of_the_actor on %I to storyforge_app'
            ' using (project_id = any((select visible_projects())::uuid[]))',
            walled
        );
    end loop;
end
$$;
