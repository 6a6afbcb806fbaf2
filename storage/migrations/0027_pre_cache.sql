-- What was made and may be used again: takes that may be offered for another prompt, components, and what was decided.

create table cached_takes (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    partition text not null check (partition ~ '^[0-9a-f]{64}$'),
    key text not null check (key ~ '^[0-9a-f]{64}$'),
    stage text not null check (length(stage) between 1 and 64),
    prompt text not null,
    slots jsonb not null,
    output jsonb not null,
    cost_microcredits bigint not null check (cost_microcredits >= 0),
    made_at timestamptz not null default now(),
    unique (project_id, partition, key)
);
create index cached_takes_old on cached_takes (made_at);

-- Found by exact search within a partition, which is small: no approximate index, so nothing near is missed.
create table cached_vectors (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    partition text not null,
    vector vector(512) not null
);
create index cached_vectors_of_partition on cached_vectors (project_id, partition);

create table cached_components (
    project_id uuid not null references projects (id) on delete cascade,
    kind text not null check (kind in ('character', 'background', 'voice')),
    key text not null check (key ~ '^[0-9a-f]{64}$'),
    output jsonb not null,
    cost_microcredits bigint not null check (cost_microcredits >= 0),
    made_at timestamptz not null default now(),
    primary key (project_id, kind, key)
);

-- Why a take was offered, or not. `differences`: of the nearest one that was refused.
create table cache_decisions (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    partition text not null,
    key text not null,
    stage text not null,
    verdict text not null check (verdict in ('offered', 'differs', 'nothing_near', 'unreadable', 'away')),
    take_id uuid,
    score double precision,
    threshold double precision not null,
    nominated integer not null check (nominated >= 0),
    differences jsonb not null,
    saves_microcredits bigint not null check (saves_microcredits >= 0),
    answer text check (answer in ('accepted', 'declined')),
    answered_at timestamptz,
    shadow text check (shadow in ('wanted', 'same', 'different')),
    decided_at timestamptz not null default now()
);
create index cache_decisions_of_project on cache_decisions (project_id, id desc);
create index cache_decisions_old on cache_decisions (decided_at);

-- A day's figures, for the ledger and for people. Nothing here is money itself.
create table cache_figures (
    project_id uuid not null references projects (id) on delete cascade,
    day date not null,
    layer text not null check (layer in ('exact', 'semantic', 'component', 'ahead', 'none')),
    stage text not null,
    requests bigint not null,
    spent_microcredits bigint not null,
    saved_microcredits bigint not null,
    primary key (project_id, day, layer, stage)
);

create table cache_policies (
    project_id uuid primary key references projects (id) on delete cascade,
    mode text not null check (mode in ('off', 'exact', 'suggest')),
    prepares_ahead boolean not null,
    changed_at timestamptz not null default now()
);

do $$
declare
    walled text;
begin
    foreach walled in array array[
        'cached_takes', 'cached_vectors', 'cached_components', 'cache_decisions', 'cache_figures', 'cache_policies'
    ] loop
        execute format('alter table %I enable row level security', walled);
        execute format(
            'create policy of_the_actor on %I to storyforge_app'
            ' using (project_id = any((select visible_projects())::uuid[]))',
            walled
        );
    end loop;
end
$$;
