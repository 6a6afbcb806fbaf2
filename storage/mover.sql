-- name: due
-- Epochs whose oldest $2 rows are in a snapshot and were written before $3 ago; `after`: what has moved already.
select d.id as document_id, s.epoch, m.after
from unnest($1::uuid[]) as d (id)
join lateral (
    select n.epoch, max(n.seq) as seq
    from document_snapshots n
    where n.document_id = d.id
    group by n.epoch
) as s on true
join lateral (
    select coalesce(max(g.last_seq), 0) as after
    from document_segments g
    where g.document_id = d.id and g.epoch = s.epoch
) as m on true
join document_log l on l.document_id = d.id and l.epoch = s.epoch and l.seq = m.after + $2
where s.seq >= m.after + $2 and l.created_at < now() - $3::interval
order by d.id, s.epoch;

-- name: hold
-- The document is this transaction's to move, unless another's; appends do not ask.
select pg_try_advisory_xact_lock(hashtextextended('segments of ' || $1::uuid, 0));

-- name: replace
-- The rows from $3 through $4 by their segment; how many there were.
with gone as (
    delete from document_log
    where document_id = $1 and epoch = $2 and seq between $3 and $4
    returning batch_id, seq, created_at
), remembered as (
    insert into moved_batches (document_id, batch_id, epoch, seq)
    select $1, gone.batch_id, $2, gone.seq
    from gone
), segment as (
    insert into document_segments (document_id, epoch, first_seq, last_seq, began_at, hash, bytes)
    select $1, $2, $3, $4, min(gone.created_at), $5, $6
    from gone
)
select count(*) from gone;
