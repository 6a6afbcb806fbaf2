-- Documents belong to an episode. A movie and a short have exactly one; so has, at first, every project of before.

alter table projects
    add column settings_version integer not null default 1,
    add column archived_at timestamptz;
create index projects_deleted on projects (deleted_at) where deleted_at is not null;

create table seasons (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    ord text collate "C" not null check (ord ~ '^[0-9A-Za-z]{1,200}$'),
    title text not null check (length(title) between 1 and 255),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (project_id, id)
);
create index seasons_in_order on seasons (project_id, ord);

create table episodes (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    season_id uuid,
    ord text collate "C" not null check (ord ~ '^[0-9A-Za-z]{1,200}$'),
    title text not null check (length(title) between 1 and 255),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    unique (project_id, id),
    foreign key (project_id, season_id) references seasons (project_id, id)
);
create index episodes_in_order on episodes (project_id, season_id, ord);
create index episodes_deleted on episodes (deleted_at) where deleted_at is not null;

insert into episodes (id, project_id, ord, title, created_at)
select id, id, 'V', title, created_at from projects;

alter table documents add column episode_id uuid;
update documents set episode_id = project_id;
alter table documents
    alter column episode_id set not null,
    drop constraint documents_project_id_kind_key,
    add unique (episode_id, kind),
    add foreign key (project_id, episode_id) references episodes (project_id, id);
create index documents_of_project on documents (project_id);
