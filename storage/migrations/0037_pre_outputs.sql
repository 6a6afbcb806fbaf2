-- What was made for the shots of a run and for its take, as it was judged; also what was not taken, and why.

create table run_outputs (
    run_id uuid not null references runs (id) on delete cascade,
    project_id uuid not null references projects (id) on delete cascade,
    step text not null check (length(step) between 1 and 64),
    media text not null references media (hash),
    accepted boolean not null,
    verdict text not null check (verdict in ('pass', 'warn', 'fail')),
    score double precision not null check (score between 0 and 1),
    report jsonb not null check (jsonb_typeof(report) = 'object'),
    made_at timestamptz not null default now(),
    primary key (run_id, step, media)
);
create index run_outputs_of_project on run_outputs (project_id);
create index run_outputs_of_media on run_outputs (media);

-- What players and pages need beside a take: sprite sheet and its times, waveform, a rendition for HLS.
create table take_parts (
    take_id uuid not null references takes (id) on delete cascade,
    project_id uuid not null references projects (id) on delete cascade,
    name text not null check (length(name) between 1 and 32),
    media text not null references media (hash),
    facts jsonb not null check (jsonb_typeof(facts) = 'object'),
    primary key (take_id, name)
);
create index take_parts_of_project on take_parts (project_id);
create index take_parts_of_media on take_parts (media);

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
select media from safety_verdicts
union all
select media from run_outputs
union all
select media from take_parts;

alter table run_outputs enable row level security;
create policy of_the_actor on run_outputs to storyforge_app
    using (project_id = any((select visible_projects())::uuid[]));
alter table take_parts enable row level security;
create policy of_the_actor on take_parts to storyforge_app
    using (project_id = any((select visible_projects())::uuid[]));
