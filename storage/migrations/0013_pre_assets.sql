-- Files that people bring: their uploads, what they became, what was made of them, and who mentions them.

alter table users add column tier text not null default 'studio' check (tier in ('free', 'pro', 'studio'));

alter table media add column condemned_at timestamptz;

create table uploads (
    id uuid primary key,
    project_id uuid not null references projects (id),
    user_id uuid not null references users (id),
    name text not null check (length(name) between 1 and 255),
    metadata text not null check (length(metadata) <= 4096),
    bytes_all bigint not null check (bytes_all > 0),
    bytes_here bigint not null default 0 check (bytes_here between 0 and bytes_all),
    handle text not null,
    parts text[] not null default '{}',
    head bytea not null default '',
    content_type text,
    state text not null default 'open' check (state in ('open', 'whole', 'refused')),
    hold integer not null default 0,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index uploads_of_user on uploads (user_id) where state = 'open';
create index uploads_of_project on uploads (project_id);
create index uploads_expiring on uploads (expires_at);

create table assets (
    id uuid primary key,
    project_id uuid not null references projects (id),
    created_by uuid not null references users (id),
    name text not null check (length(name) between 1 and 255),
    kind text not null check (kind in ('picture', 'sound', 'film', 'subtitle', 'lut', 'document')),
    content_type text not null,
    bytes bigint not null check (bytes > 0),
    hash text references media (hash),
    state text not null default 'waiting' check (state in ('waiting', 'working', 'ready', 'failed')),
    stage text not null default 'waiting',
    pct integer not null default 0 check (pct between 0 and 100),
    epoch integer not null default 0,
    attempt integer not null default 0,
    lease_owner text,
    lease_until timestamptz,
    error jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    check (state <> 'ready' or hash is not null),
    check ((state = 'failed') = (error is not null))
);
create index assets_newest on assets (project_id, id desc) where deleted_at is null;
create index assets_unfinished on assets (created_at) where state in ('waiting', 'working');
create index assets_of_media on assets (hash);

create table media_parts (
    source text not null references media (hash),
    part text not null check (part in ('probe', 'thumb', 'sprite', 'peaks', 'proxy')),
    made text references media (hash),
    facts jsonb not null,
    finished_at timestamptz not null default now(),
    primary key (source, part)
);
create index media_parts_made on media_parts (made);

create table media_mentions (
    hash text not null,
    document_id uuid not null references documents (id),
    primary key (hash, document_id)
);

create table mention_scans (
    document_id uuid primary key references documents (id),
    epoch integer not null,
    seq bigint not null
);
