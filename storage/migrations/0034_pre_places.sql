-- A step that is put off may keep its place in its lane: what it waits for goes on elsewhere, and counts there.

alter table steps add column keeps_place boolean not null default false;
create index steps_keeping on steps (lane) where keeps_place and state = 'ready';

-- When a call that nobody follows any more was looked at last.
alter table intents add column looked_at timestamptz;
