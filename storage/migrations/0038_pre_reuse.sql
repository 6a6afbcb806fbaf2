-- Which cache a step's output came from; null: it was made for this run.
alter table steps add column layer text check (layer in ('exact', 'component', 'ahead'));
update steps set layer = 'exact' where reused_from is not null;

-- A take is embedded when something is first compared with it.
alter table cached_takes add column is_placed boolean not null default true;
alter table cached_takes alter column is_placed set default false;
create index cached_takes_unplaced on cached_takes (project_id, partition) where not is_placed;

-- For which run something was looked for.
alter table cache_decisions add column run_id uuid;
create index cache_decisions_of_run on cache_decisions (run_id) where run_id is not null;

-- What a run did not cost because something was there already. Of the wallet that would have paid; no money moved.
create table credit_savings (
    id bigint primary key generated always as identity,
    run_id uuid not null,
    what text not null check (length(what) between 1 and 64),
    layer text not null check (layer in ('exact', 'semantic', 'component', 'ahead')),
    holder_kind text not null check (holder_kind in ('user', 'team', 'project')),
    holder_id uuid not null,
    project_id uuid not null,
    user_id uuid not null,
    amount bigint not null check (amount between 1 and 1000000000000000),
    at timestamptz not null default now(),
    unique (run_id, what)
);
create index credit_savings_of_holder on credit_savings (holder_id, at);
create trigger credit_savings_are_append_only
    before update or delete or truncate on credit_savings
    for each statement execute function refuse_to_change_ledger();
alter table credit_savings enable row level security;
create policy of_the_actor on credit_savings to storyforge_app
    using (project_id = any((select visible_projects())::uuid[]));
