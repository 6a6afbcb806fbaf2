-- name: begin
-- One projector of a document at a time; the head's row is locked only at the end, for its new `projected_seq`. Rows of a
-- document that the statistics do not know are taken for one, and comparing thousands in nested loops takes seconds.
select pg_advisory_xact_lock(1397113188, hashtext($1::text)), set_config('enable_nestloop', 'off', true);

-- name: projected
select project_id, epoch, projected_seq
from documents
where id = $1;

-- name: is_current
select projected_seq >= seq
from documents
where id = $1;

-- name: forgotten
-- Behind $1 in the order of their ids: what changed longer than $2 ago and is not shown. Hubs show within seconds what is
-- open in them; a row that is not here any more is old.
select d.id, d.seq
from documents d
left join document_log l on l.document_id = d.id and l.epoch = d.epoch and l.seq = d.seq
where d.id > $1 and d.projected_seq < d.seq and coalesce(l.created_at, '-infinity') < now() - $2::interval
order by d.id
limit $3;

-- name: shown
select id, position, number, title, slug, prompt, status, current_take, est_frames
from scenes
where document_id = $1;

-- name: put
insert into scenes
    (document_id, project_id, seq, id, position, number, title, slug, prompt, status, current_take, est_frames)
select $1, $2, $3, row.id, row.position, row.number, row.title, row.slug::jsonb, row.prompt, row.status,
       row.current_take, row.est_frames
from unnest(
    $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::uuid[], $12::integer[]
) as row (id, position, number, title, slug, prompt, status, current_take, est_frames)
on conflict (document_id, id) do update
set seq = excluded.seq,
    position = excluded.position,
    number = excluded.number,
    title = excluded.title,
    slug = excluded.slug,
    prompt = excluded.prompt,
    status = excluded.status,
    current_take = excluded.current_take,
    est_frames = excluded.est_frames;

-- name: remove
delete from scenes
where document_id = $1 and id = any($2::text[]);

-- name: put_shots
-- All of a document's, like the other `put_`s below: rows that are not given go, those that differ are written, the
-- others are not even locked. Answers how many went or were written.
with shown as (
    select row.*
    from unnest(
        $3::text[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::integer[],
        $11::text[]
    ) as row (
        id, scene_id, position, size, angle, move, lens_mm, frames, description
    )
), removed as (
    delete from shots
    where document_id = $1 and not exists (select from shown where shown.id = shots.id)
    returning id
), written as (
    insert into shots (
        document_id, seq, id, scene_id, position, size, angle, move, lens_mm, frames, description
    )
    select $1, $2, shown.*
    from shown
    where not exists (
        select
        from shots old
        where old.document_id = $1 and old.id = shown.id
            and (
                old.scene_id, old.position, old.size, old.angle, old.move, old.lens_mm, old.frames, old.description
            ) is not distinct from (
                shown.scene_id, shown.position, shown.size, shown.angle, shown.move, shown.lens_mm, shown.frames,
                shown.description
            )
    )
    on conflict (document_id, id) do update
    set seq = excluded.seq,
        scene_id = excluded.scene_id,
        position = excluded.position,
        size = excluded.size,
        angle = excluded.angle,
        move = excluded.move,
        lens_mm = excluded.lens_mm,
        frames = excluded.frames,
        description = excluded.description
    returning id
)
select (select count(*) from removed) + (select count(*) from written);

-- name: put_tracks
with shown as (
    select row.*
    from unnest(
        $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::boolean[], $10::boolean[],
        $11::boolean[]
    ) as row (
        id, position, kind, name, language, lanes, is_on, is_muted, is_solo
    )
), removed as (
    delete from tracks
    where document_id = $1 and not exists (select from shown where shown.id = tracks.id)
    returning id
), written as (
    insert into tracks (
        document_id, seq, id, position, kind, name, language, lanes, is_on, is_muted, is_solo
    )
    select $1, $2, shown.*
    from shown
    where not exists (
        select
        from tracks old
        where old.document_id = $1 and old.id = shown.id
            and (
                old.position, old.kind, old.name, old.language, old.lanes, old.is_on, old.is_muted, old.is_solo
            ) is not distinct from (
                shown.position, shown.kind, shown.name, shown.language, shown.lanes, shown.is_on, shown.is_muted,
                shown.is_solo
            )
    )
    on conflict (document_id, id) do update
    set seq = excluded.seq,
        position = excluded.position,
        kind = excluded.kind,
        name = excluded.name,
        language = excluded.language,
        lanes = excluded.lanes,
        is_on = excluded.is_on,
        is_muted = excluded.is_muted,
        is_solo = excluded.is_solo
    returning id
)
select (select count(*) from removed) + (select count(*) from written);

-- name: put_clips
with shown as (
    select row.*
    from unnest(
        $3::text[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[], $8::integer[], $9::integer[],
        $10::integer[], $11::integer[], $12::integer[], $13::text[], $14::text[], $15::jsonb[], $16::jsonb[],
        $17::text[], $18::bigint[], $19::boolean[]
    ) as row (
        id, track_id, lane, start_frame, frames, in_frame, out_frame, media_frame, speed_num, speed_den, scene_id,
        shot_id, source, dissolve, anchor_id, off_frames, is_on
    )
), removed as (
    delete from clips
    where document_id = $1 and not exists (select from shown where shown.id = clips.id)
    returning id
), written as (
    insert into clips (
        document_id, seq, id, track_id, lane, start_frame, frames, in_frame, out_frame, media_frame, speed_num,
        speed_den, scene_id, shot_id, source, dissolve, anchor_id, off_frames, is_on
    )
    select $1, $2, shown.*
    from shown
    where not exists (
        select
        from clips old
        where old.document_id = $1 and old.id = shown.id
            and (
                old.track_id, old.lane, old.start_frame, old.frames, old.in_frame, old.out_frame, old.media_frame,
                old.speed_num, old.speed_den, old.scene_id, old.shot_id, old.source, old.dissolve, old.anchor_id,
                old.off_frames, old.is_on
            ) is not distinct from (
                shown.track_id, shown.lane, shown.start_frame, shown.frames, shown.in_frame, shown.out_frame,
                shown.media_frame, shown.speed_num, shown.speed_den, shown.scene_id, shown.shot_id, shown.source,
                shown.dissolve, shown.anchor_id, shown.off_frames, shown.is_on
            )
    )
    on conflict (document_id, id) do update
    set seq = excluded.seq,
        track_id = excluded.track_id,
        lane = excluded.lane,
        start_frame = excluded.start_frame,
        frames = excluded.frames,
        in_frame = excluded.in_frame,
        out_frame = excluded.out_frame,
        media_frame = excluded.media_frame,
        speed_num = excluded.speed_num,
        speed_den = excluded.speed_den,
        scene_id = excluded.scene_id,
        shot_id = excluded.shot_id,
        source = excluded.source,
        dissolve = excluded.dissolve,
        anchor_id = excluded.anchor_id,
        off_frames = excluded.off_frames,
        is_on = excluded.is_on
    returning id
)
select (select count(*) from removed) + (select count(*) from written);

-- name: put_markers
with shown as (
    select row.*
    from unnest(
        $3::text[], $4::bigint[], $5::integer[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]
    ) as row (
        id, frame, frames, kind, name, note, colour, clip_id
    )
), removed as (
    delete from markers
    where document_id = $1 and not exists (select from shown where shown.id = markers.id)
    returning id
), written as (
    insert into markers (
        document_id, seq, id, frame, frames, kind, name, note, colour, clip_id
    )
    select $1, $2, shown.*
    from shown
    where not exists (
        select
        from markers old
        where old.document_id = $1 and old.id = shown.id
            and (
                old.frame, old.frames, old.kind, old.name, old.note, old.colour, old.clip_id
            ) is not distinct from (
                shown.frame, shown.frames, shown.kind, shown.name, shown.note, shown.colour, shown.clip_id
            )
    )
    on conflict (document_id, id) do update
    set seq = excluded.seq,
        frame = excluded.frame,
        frames = excluded.frames,
        kind = excluded.kind,
        name = excluded.name,
        note = excluded.note,
        colour = excluded.colour,
        clip_id = excluded.clip_id
    returning id
)
select (select count(*) from removed) + (select count(*) from written);

-- name: put_cuts
with shown as (
    select row.*
    from unnest(
        $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[]
    ) as row (
        id, title, named_by, named_at_ms, snapshot, hash
    )
), removed as (
    delete from cuts
    where document_id = $1 and not exists (select from shown where shown.id = cuts.id)
    returning id
), written as (
    insert into cuts (
        document_id, seq, id, title, named_by, named_at_ms, snapshot, hash
    )
    select $1, $2, shown.*
    from shown
    where not exists (
        select
        from cuts old
        where old.document_id = $1 and old.id = shown.id
            and (
                old.title, old.named_by, old.named_at_ms, old.snapshot, old.hash
            ) is not distinct from (
                shown.title, shown.named_by, shown.named_at_ms, shown.snapshot, shown.hash
            )
    )
    on conflict (document_id, id) do update
    set seq = excluded.seq,
        title = excluded.title,
        named_by = excluded.named_by,
        named_at_ms = excluded.named_at_ms,
        snapshot = excluded.snapshot,
        hash = excluded.hash
    returning id
)
select (select count(*) from removed) + (select count(*) from written);

-- name: stale_texts
-- Those that are not given go; answers the places (from 1) of those that are not there as they are.
with shown as (
    select row.*
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
        with ordinality as row (kind, id, scene_id, title, body, place)
), removed as (
    delete from texts
    where document_id = $1 and not exists (select from shown where shown.kind = texts.kind and shown.id = texts.id)
)
select shown.place
from shown
where not exists (
    select
    from texts old
    where old.document_id = $1 and old.kind = shown.kind and old.id = shown.id
        and (old.scene_id, old.title, old.body) is not distinct from (shown.scene_id, shown.title, shown.body)
)
order by shown.place;

-- name: put_texts
insert into texts (document_id, seq, project_id, kind, id, scene_id, title, body, title_words, body_words)
select $1, $2, $3, row.*
from unnest(
    $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]
) as row (kind, id, scene_id, title, body, title_words, body_words)
on conflict (document_id, kind, id) do update
set seq = excluded.seq,
    scene_id = excluded.scene_id,
    title = excluded.title,
    body = excluded.body,
    title_words = excluded.title_words,
    body_words = excluded.body_words;

-- name: end
update documents
set projected_seq = $3
where id = $1 and epoch = $2 and projected_seq < $3;
