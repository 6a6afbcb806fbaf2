-- Looks that teams make. What a version says never changes: scenes name the version that they were made with.

create table brains (
    id uuid primary key,
    team_id uuid not null references teams (id) on delete cascade,
    created_by uuid not null references users (id),
    created_at timestamptz not null default now(),
    deleted_at timestamptz
);
create index brains_of_team on brains (team_id, id) where deleted_at is null;

create table brain_versions (
    brain_id uuid not null references brains (id) on delete cascade,
    version integer not null check (version between 1 and 1000),
    record jsonb not null check (jsonb_typeof(record) = 'object'),
    created_by uuid not null references users (id),
    created_at timestamptz not null default now(),
    primary key (brain_id, version)
);

create function refuse_to_change_brain_version() returns trigger
language plpgsql
as $$
begin
    raise exception 'a version of a brain is never changed' using errcode = 'insufficient_privilege';
end
$$;
create trigger brain_versions_never_change
    before update on brain_versions
    for each row execute function refuse_to_change_brain_version();
