-- How a run was wished for, so that it can be asked for once more; and which earlier one it repeats.

alter table runs
    add column wish jsonb not null default '{}',
    add column replays uuid references runs (id) on delete set null;
create index runs_of_project_lately on runs (project_id, created_at desc, id desc);
drop index runs_of_project;
create index runs_replayed on runs (replays) where replays is not null;
