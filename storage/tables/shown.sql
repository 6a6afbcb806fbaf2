-- Every query answers one row at least if the document is there: where its rows stand is of the same moment as they.

-- name: shots
select d.epoch, d.projected_seq, r.*
from documents d
left join shots r on r.document_id = d.id and r.scene_id = $2
where d.id = $1
order by r.position;

-- name: tracks
select d.epoch, d.projected_seq, r.*
from documents d
left join tracks r on r.document_id = d.id
where d.id = $1
order by r.position;

-- name: clips
-- Of a track ($2), that are seen between two frames ($3, $4), behind a place ($5, $6): each may be null.
select d.epoch, d.projected_seq, r.*
from documents d
left join lateral (
    select c.*
    from clips c
    where c.document_id = d.id
        and ($2::text is null or c.track_id = $2)
        and ($3::bigint is null or c.start_frame + c.frames > $3)
        and ($4::bigint is null or c.start_frame < $4)
        and ($5::bigint is null or (c.start_frame, c.id) > ($5, $6::text))
    order by c.start_frame, c.id
    limit $7
) r on true
where d.id = $1
order by r.start_frame, r.id;

-- name: markers
select d.epoch, d.projected_seq, r.*
from documents d
left join lateral (
    select m.*
    from markers m
    where m.document_id = d.id and ($2::bigint is null or (m.frame, m.id) > ($2, $3::text))
    order by m.frame, m.id
    limit $4
) r on true
where d.id = $1
order by r.frame, r.id;

-- name: cuts
-- Newest first; one whose moment is not known comes last.
select d.epoch, d.projected_seq, r.*
from documents d
left join lateral (
    select c.*
    from cuts c
    where c.document_id = d.id
        and ($2::bigint is null or (-coalesce(c.named_at_ms, 0), c.id) > (-$2, $3::text))
    order by -coalesce(c.named_at_ms, 0), c.id
    limit $4
) r on true
where d.id = $1
order by -coalesce(r.named_at_ms, 0), r.id;
