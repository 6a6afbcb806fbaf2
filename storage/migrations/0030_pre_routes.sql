-- Which model was chosen for what and why, what came of it, and what was learnt of the models from that.

create table routes (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    run_id uuid not null references runs (id) on delete cascade,
    step text not null check (length(step) between 1 and 64),
    turn integer not null check (turn >= 1),
    purpose text not null check (purpose in ('draft', 'final')),
    weights_version integer not null,
    provider text,
    model text,
    shape text,
    price_microcredits bigint check (price_microcredits >= 0),
    reason text not null,
    sentence text not null,
    waits boolean not null,
    explored boolean not null,
    asked jsonb not null,
    judged jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    unique (run_id, step, turn),
    constraint routes_whole check (num_nulls(provider, model, shape, price_microcredits) in (0, 4))
);
create index routes_of_project on routes (project_id);

create table route_observations (
    route_id uuid not null references routes (id) on delete cascade,
    project_id uuid not null references projects (id) on delete cascade,
    kind text not null check (kind in ('took', 'failed', 'shown', 'picked', 'scored')),
    value double precision,
    fault text,
    created_at timestamptz not null default clock_timestamp(),
    primary key (route_id, kind)
);
create index route_observations_of_project on route_observations (project_id);

create table model_speeds (
    provider text not null,
    model text not null,
    shape text not null,
    mean_s double precision not null default 0,
    deviation_s double precision not null default 0,
    count integer not null default 0,
    primary key (provider, model, shape)
);

create table model_records (
    provider text not null,
    model text not null,
    purpose text not null,
    shown integer not null default 0,
    picked integer not null default 0,
    scored integer not null default 0,
    score double precision not null default 0,
    failed integer not null default 0,
    primary key (provider, model, purpose)
);

alter table routes enable row level security;
create policy of_the_actor on routes to storyforge_app using (run_id in (select r.id from runs r));
alter table route_observations enable row level security;
create policy of_the_actor on route_observations to storyforge_app using (route_id in (select r.id from routes r));
