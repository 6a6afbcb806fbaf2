-- What was judged, by which policy and by whom, and how it came out; and what people say against it. A verdict never
-- changes: one that is overturned has a decided appeal.

create table safety_verdicts (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    asked_by uuid not null references users (id),
    subject text not null check (subject in ('prompt', 'output')),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    media text references media (hash),
    run_id uuid references runs (id) on delete set null,
    safety text not null check (length(safety) between 1 and 32),
    policy text not null check (length(policy) between 1 and 64),
    outcome text not null check (outcome in ('allowed', 'flagged', 'refused')),
    opinions jsonb not null check (jsonb_typeof(opinions) = 'array'),
    created_at timestamptz not null default now(),
    check ((subject = 'output') = (media is not null))
);
create index safety_verdicts_newest on safety_verdicts (project_id, created_at desc, id desc);
create index safety_verdicts_of_subject on safety_verdicts (project_id, subject, digest);
create index safety_verdicts_of_media on safety_verdicts (media) where media is not null;
create index safety_verdicts_of_run on safety_verdicts (run_id) where run_id is not null;

create table safety_appeals (
    verdict_id uuid primary key references safety_verdicts (id) on delete cascade,
    project_id uuid not null references projects (id) on delete cascade,
    made_by uuid not null references users (id),
    words text not null check (length(words) between 1 and 2000),
    made_at timestamptz not null default now(),
    state text not null default 'open' check (state in ('open', 'upheld', 'overturned')),
    decided_by uuid references users (id),
    decided_at timestamptz,
    note text check (length(note) between 1 and 2000),
    check ((state = 'open') = (decided_by is null)),
    check ((state = 'open') = (decided_at is null)),
    check ((state = 'open') = (note is null))
);
create index safety_appeals_open on safety_appeals (made_at, verdict_id) where state = 'open';
create index safety_appeals_of_project on safety_appeals (project_id);

do $$
declare
    walled text;
begin
    foreach walled in array array['safety_verdicts', 'safety_appeals'] loop
        execute format('alter table %I enable row level security', walled);
        execute format(
            'create policy of_the_actor on %I to storyforge_app'
            ' using (project_id = any((select visible_projects())::uuid[]))',
            walled
        );
    end loop;
end
$$;

create or replace view media_uses as
select hash from assets
union all
select media_hash from takes
union all
select thumb_hash from takes
union all
select made from media_parts
union all
select hash from media_mentions
union all
select voice_hash from characters
union all
select hash from character_images
union all
select media from safety_verdicts;
