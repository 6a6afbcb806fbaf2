-- Copies of projects, and templates. The copy is a project from the beginning, marked as deleted until it is whole: nobody
-- finds it before, and one that is given up is purged like any other.

alter table projects add column is_template boolean not null default false;

alter table takes
    alter column run_id drop not null,
    add column copied_from uuid,
    add constraint takes_made_or_copied check ((run_id is null) = (copied_from is not null));

create table duplications (
    id uuid primary key,
    source_id uuid not null references projects (id) on delete cascade,
    target_id uuid not null unique references projects (id) on delete cascade,
    asked_by uuid not null references users (id),
    with_media boolean not null,
    state text not null default 'queued' check (state in ('queued', 'running', 'complete', 'failed', 'cancelled')),
    done integer not null default 0 check (done >= 0),
    total integer not null default 0 check (total >= done),
    epoch integer not null default 0,
    attempt integer not null default 0,
    lease_owner text,
    lease_until timestamptz,
    error jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    finished_at timestamptz,
    check ((state = 'failed') = (error is not null))
);
create index duplications_unfinished on duplications (created_at) where state in ('queued', 'running');
create index duplications_of_source on duplications (source_id);
create index duplications_of_asker on duplications (asked_by) where state in ('queued', 'running');
