-- What documents show, as rows (documents.md A10): shots and texts of storyboards; tracks, clips, markers and cuts of
-- timelines, resolved. `seq` is the sequence that last changed the row.

create extension if not exists btree_gin;

create table shots (
    document_id uuid not null references documents (id) on delete cascade,
    id text not null,
    seq bigint not null,
    scene_id text not null,
    position integer not null,
    size text,
    angle text,
    move text,
    lens_mm integer,
    frames integer,
    description text not null default '',
    primary key (document_id, id)
);
create index shots_of_scene on shots (document_id, scene_id, position);

create table tracks (
    document_id uuid not null references documents (id) on delete cascade,
    id text not null,
    seq bigint not null,
    position integer not null,
    kind text not null,
    name text not null default '',
    language text,
    lanes integer not null,
    is_on boolean not null default true,
    is_muted boolean not null default false,
    is_solo boolean not null default false,
    primary key (document_id, id)
);

-- `start_frame`, `frames`: on the timeline. `in_frame`, `out_frame`: the part that is seen, local to the clip;
-- `media_frame`: of its media, where that part begins. `off_frames`: against the first of the linked clips.
create table clips (
    document_id uuid not null references documents (id) on delete cascade,
    id text not null,
    seq bigint not null,
    track_id text not null,
    lane integer not null,
    start_frame bigint not null,
    frames bigint not null,
    in_frame integer not null,
    out_frame integer not null,
    media_frame integer not null,
    speed_num integer not null default 1,
    speed_den integer not null default 1,
    scene_id text,
    shot_id text,
    source jsonb,
    dissolve jsonb,
    anchor_id text,
    off_frames bigint not null default 0,
    is_on boolean not null default true,
    primary key (document_id, id)
);
create index clips_in_order on clips (document_id, start_frame, id);

create table markers (
    document_id uuid not null references documents (id) on delete cascade,
    id text not null,
    seq bigint not null,
    frame bigint not null,
    frames integer not null default 0,
    kind text,
    name text not null default '',
    note text not null default '',
    colour text,
    clip_id text,
    primary key (document_id, id)
);
create index markers_in_order on markers (document_id, frame, id);

-- Named revisions. `named_at_ms`: since 1970.
create table cuts (
    document_id uuid not null references documents (id) on delete cascade,
    id text not null,
    seq bigint not null,
    title text not null default '',
    named_by text,
    named_at_ms bigint,
    snapshot text,
    hash text,
    primary key (document_id, id)
);

-- What can be found by its words. Apart from the rows themselves: these move whenever something before them does, and
-- an index of words is dear to write.
create table texts (
    document_id uuid not null references documents (id) on delete cascade,
    kind text not null check (kind in ('scene', 'shot', 'marker')),
    id text not null,
    seq bigint not null,
    project_id uuid not null references projects (id),
    scene_id text,
    title text not null,
    body text not null,
    words tsvector not null generated always as (
        setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'B')
    ) stored,
    primary key (document_id, kind, id)
);
create index texts_of_project on texts using gin (project_id, words);

-- A search as people type it (`websearch_to_tsquery`), in which every word may go on: "tra" finds "train". A word that
-- is excluded (-train) is excluded as it stands.
create function words_beginning(asked text)
returns tsquery
language sql immutable parallel safe
return regexp_replace(
    regexp_replace(websearch_to_tsquery('simple', asked)::text, '''(?:[^'']|'''')+''', '\&:*', 'g'),
    '(!''(?:[^'']|'''')+''):\*',
    '\1',
    'g'
)::tsquery;

-- Nothing of this was written so far: every document has to be shown anew.
update documents set projected_seq = 0;
