-- Who appears in a project's scenes, and what keeps them the same from scene to scene.

create table characters (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    name text not null check (length(name) between 1 and 255),
    face vector(512),
    appearance jsonb not null default '{}' check (jsonb_typeof(appearance) = 'object'),
    voice_hash text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    purge_began_at timestamptz,
    unique (project_id, id),
    foreign key (project_id, voice_hash) references project_media (project_id, hash)
);
create index characters_by_name on characters (project_id, name, id) where deleted_at is null;
create index characters_deleted on characters (deleted_at) where deleted_at is not null;

-- Reference pictures in order; only what the project has.
create table character_images (
    project_id uuid not null references projects (id) on delete cascade,
    character_id uuid not null,
    position integer not null check (position >= 0),
    hash text not null,
    primary key (character_id, position),
    unique (character_id, hash),
    foreign key (project_id, character_id) references characters (project_id, id) on delete cascade,
    foreign key (project_id, hash) references project_media (project_id, hash)
);
create index character_images_of_media on character_images (project_id, hash);

alter table uploads
    drop constraint uploads_project_id_fkey,
    add constraint uploads_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table assets
    drop constraint assets_project_id_fkey,
    add constraint assets_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table media_mentions
    drop constraint media_mentions_document_id_fkey,
    add constraint media_mentions_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
alter table mention_scans
    drop constraint mention_scans_document_id_fkey,
    add constraint mention_scans_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
