-- name: begin
-- One projector of a document at a time; the head's row is locked only at the end, for its new `projected_seq`.
select pg_advisory_xact_lock(1397113188, hashtext($1::text));

-- name: projected
select project_id, epoch, projected_seq
from documents
where id = $1;

-- name: is_current
select projected_seq >= seq
from documents
where id = $1;

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

-- name: end
update documents
set projected_seq = $3
where id = $1 and epoch = $2 and projected_seq < $3;
