-- Paid calls to providers, each written down before it is made: what may have been charged is never only in a process.

create table intents (
    id uuid primary key,
    run_id uuid not null references runs (id) on delete cascade,
    step text not null check (length(step) between 1 and 64),
    item integer not null default 0 check (item >= 0),
    provider text not null,
    model text not null,
    kind text not null check (kind in ('image', 'video', 'voice', 'sound', 'text')),
    duration_s integer,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    state text not null default 'intent'
        check (state in ('intent', 'submitted', 'unknown', 'succeeded', 'failed', 'cancelled')),
    task text,
    most_microcredits bigint not null check (most_microcredits >= 0),
    cost_microcredits bigint check (cost_microcredits >= 0),
    failure jsonb,
    result jsonb,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    check ((state in ('submitted', 'succeeded')) <= (task is not null)),
    check ((state = 'succeeded') = (result is not null))
);
-- No second call of the same item while it is not known what became of the first.
create unique index intents_open on intents (run_id, step, item) where state in ('intent', 'submitted', 'unknown');
create index intents_of_item on intents (run_id, step, item, created_at desc);
create index intents_of_provider on intents (provider) where state = 'submitted';
create index intents_unanswered on intents (created_at) where state = 'intent';

create table provider_deliveries (
    provider text not null,
    delivery text not null check (length(delivery) <= 200),
    at timestamptz not null default now(),
    primary key (provider, delivery)
);
create index provider_deliveries_old on provider_deliveries (at);
