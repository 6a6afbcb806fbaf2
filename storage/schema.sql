-- The whole schema. `storage/migrations/` builds the same; a test compares the two.

-- The ledger of the migrations; `storage/migrate.py` makes it before the first one runs.
create table schema_migrations (
    name text primary key,
    applied_at timestamptz not null default now()
);

create extension if not exists vector;

-- People ---------------------------------------------------------------------------------------

create table users (
    id uuid primary key,
    email text not null unique check (length(email) between 3 and 254),
    name text not null check (length(name) between 1 and 80),
    colour text not null check (colour ~ '^#[0-9a-f]{6}$'),
    created_at timestamptz not null default now()
);

create table revoked_tokens (
    jti uuid primary key,
    expires_at timestamptz not null
);

-- Projects -------------------------------------------------------------------------------------

create table projects (
    id uuid primary key,
    owner_id uuid not null references users (id),
    title text not null check (length(title) between 1 and 255),
    kind text not null check (kind in ('series', 'movie', 'short')),
    brain text not null,
    format text not null,
    settings jsonb not null default '{}',
    access_version bigint not null default 1,
    event_cursor bigint not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz
);

create table project_members (
    project_id uuid not null references projects (id),
    user_id uuid not null references users (id),
    role text not null check (role in ('owner', 'editor', 'commenter', 'viewer')),
    primary key (project_id, user_id)
);
create index project_members_of_user on project_members (user_id);

-- What everybody who follows a project is told, in order. `cursor` is allotted from projects.event_cursor
-- under that row's lock, so that it has no gaps and is in the order of commits (consistency.md C8).
create table project_events (
    project_id uuid not null references projects (id),
    cursor bigint not null,
    kind text not null,
    payload jsonb not null,
    created_at timestamptz not null default now(),
    primary key (project_id, cursor)
);
create index project_previews on project_events (project_id, (payload ->> 'scn'), cursor desc) where kind = 'preview';
create index previews_of_scene on project_events (project_id, (payload ->> 'scn'), cursor desc) where kind = 'preview';

-- Documents ------------------------------------------------------------------------------------

create table documents (
    id uuid primary key,
    project_id uuid not null references projects (id),
    kind text not null check (kind in ('sb', 'tl')),
    epoch integer not null default 1 check (epoch >= 1),
    seq bigint not null default 0,
    server_client bigint not null check (server_client between 1 and 4294967295),
    projected_seq bigint not null default 0,
    created_at timestamptz not null default now(),
    unique (project_id, kind)
);

create table document_log (
    document_id uuid not null references documents (id),
    epoch integer not null,
    seq bigint not null,
    batch_id uuid not null,
    actor uuid,
    origin text not null,
    relayed_by uuid,
    bytes bytea not null,
    created_at timestamptz not null default now(),
    primary key (document_id, epoch, seq),
    unique (document_id, batch_id)
);

-- A client id belongs to its first actor (consistency.md C3).
create table document_clients (
    document_id uuid not null references documents (id),
    epoch integer not null,
    client_id bigint not null,
    actor uuid not null,
    primary key (document_id, epoch, client_id)
);

-- Caches of the log: any of them may be deleted. The bytes are in the object store under `hash`.
create table document_snapshots (
    document_id uuid not null references documents (id),
    epoch integer not null,
    seq bigint not null,
    hash text not null,
    bytes bigint not null,
    created_at timestamptz not null default now(),
    primary key (document_id, epoch, seq)
);

-- A label on a sequence of the log; the content is what the log says (consistency.md C15).
create table document_versions (
    id uuid primary key,
    document_id uuid not null references documents (id),
    epoch integer not null,
    seq bigint not null check (seq >= 0),
    label text not null check (length(label) between 1 and 120),
    author uuid not null references users (id),
    created_at timestamptz not null default now()
);
create index document_versions_newest on document_versions (document_id, created_at desc, id desc);

create table quarantine (
    document_id uuid not null,
    sha256 bytea not null,
    bytes bytea not null,
    reason text not null,
    created_at timestamptz not null default now(),
    primary key (document_id, sha256)
);

-- Projections of documents (documents.md A10). All rows together show the document at `documents.projected_seq`;
-- `seq` is the sequence that last changed the row.

create table scenes (
    document_id uuid not null references documents (id),
    id text not null,
    project_id uuid not null references projects (id),
    seq bigint not null,
    position integer not null,
    number text not null default '',
    title text not null default '',
    slug jsonb not null default '{}',
    prompt text not null default '',
    status text not null default 'draft',
    current_take uuid,
    est_frames integer,
    primary key (document_id, id)
);
create index scenes_in_order on scenes (project_id, position);

-- Generation -----------------------------------------------------------------------------------

create table runs (
    id uuid primary key,
    project_id uuid not null references projects (id),
    document_id uuid not null references documents (id),
    scene_id text not null,
    requested_by uuid not null references users (id),
    idempotency_key text,
    state text not null check (state in ('queued', 'running', 'complete', 'failed', 'cancelled')),
    stage text not null default 'queued',
    pct integer not null default 0 check (pct between 0 and 100),
    epoch integer not null default 0,
    attempt integer not null default 0,
    lease_owner text,
    lease_until timestamptz,
    cancel_requested boolean not null default false,
    milestones integer not null default 0,
    woken_at timestamptz,
    request jsonb not null,
    error jsonb,
    take_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    finished_at timestamptz,
    unique (requested_by, idempotency_key)
);
create index runs_unfinished on runs (lease_until) where state in ('queued', 'running');
create index runs_of_scene on runs (document_id, scene_id, created_at desc);
create unique index runs_one_at_a_time on runs (document_id, scene_id) where state in ('queued', 'running');

create table run_steps (
    run_id uuid not null references runs (id),
    stage text not null,
    key text not null,
    output jsonb not null,
    finished_at timestamptz not null default now(),
    primary key (run_id, stage)
);

create table media (
    hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
    content_type text not null,
    bytes bigint not null check (bytes >= 0),
    created_at timestamptz not null default now()
);

create table project_media (
    project_id uuid not null references projects (id),
    hash text not null references media (hash),
    primary key (project_id, hash)
);

create table takes (
    id uuid primary key,
    project_id uuid not null references projects (id),
    document_id uuid not null references documents (id),
    scene_id text not null,
    run_id uuid not null references runs (id),
    number integer not null,
    media_hash text not null references media (hash),
    thumb_hash text not null references media (hash),
    frames integer not null check (frames > 0),
    width integer not null,
    height integer not null,
    rate_num integer not null,
    rate_den integer not null,
    provenance jsonb not null,
    created_at timestamptz not null default now(),
    unique (document_id, scene_id, number),
    unique (run_id)
);
