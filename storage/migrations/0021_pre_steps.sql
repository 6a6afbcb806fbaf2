-- Runs consist of steps: each with a lease and a fence of its own, found by what determines its output.

create table steps (
    run_id uuid not null references runs (id) on delete cascade,
    name text not null check (length(name) between 1 and 64),
    kind text not null,
    needs text[] not null,
    params jsonb not null,
    tenant uuid not null,
    lane text not null,
    priority smallint not null,
    state text not null
        check (state in ('waiting', 'ready', 'running', 'parked', 'following', 'done', 'failed', 'cancelled')),
    key text check (key ~ '^[0-9a-f]{64}$'),
    memo jsonb,
    output jsonb,
    error jsonb,
    epoch integer not null default 0,
    attempt integer not null default 0,
    lease_owner text,
    lease_until timestamptz,
    due_at timestamptz not null default now(),
    rung_at timestamptz,
    reused_from uuid,
    created_at timestamptz not null default clock_timestamp(),
    ready_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    primary key (run_id, name)
);
create index steps_waiting on steps (tenant, priority desc, ready_at) where state = 'ready';
create index steps_running on steps (lane) where state = 'running';
create index steps_leases on steps (lease_until) where state = 'running';
create index steps_due on steps (due_at) where state = 'ready';
create index steps_of_key on steps (tenant, key) where key is not null;
create index steps_following on steps (run_id) where state = 'following';

create table shares (
    tenant uuid primary key,
    served double precision not null
);

create table lanes (
    lane text primary key,
    places integer not null check (places >= 0)
);

-- Runs that are under way go on from their first step; what their stages had finished is made again.
insert into steps (run_id, name, kind, needs, params, tenant, lane, priority, state, ready_at)
select run.id, stage.name, stage.name || '/1', stage.needs, jsonb_build_object('request', run.request, 'run', run.id),
       project.owner_id, 'local', 1, case when stage.name = 'enhance' then 'ready' else 'waiting' end, now()
  from runs run
  join projects project on project.id = run.project_id,
       (values ('enhance', '{}'::text[]), ('frames', '{enhance}'), ('clip', '{enhance,frames}'), ('voice', '{enhance}'),
               ('finish', '{enhance,clip,voice}'), ('publish', '{finish}')) stage (name, needs)
 where run.state in ('queued', 'running');
