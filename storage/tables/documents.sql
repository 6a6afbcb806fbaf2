-- name: next
select id
from documents
where id > $1
order by id
limit $2;

-- name: note_lock
update documents
set locked_seq = $2
where id = $1;

-- name: fat
-- Those whose newest snapshot in this epoch has $2 bytes, or whose epoch has $3 client ids, and whose last row is
-- older than $4.
select d.id, d.seq
from documents d
join document_log l on l.document_id = d.id and l.epoch = d.epoch and l.seq = d.seq
where d.id = any($1::uuid[])
    and l.created_at < now() - $4::interval
    and (
        $2 <= (
            select s.bytes
            from document_snapshots s
            where s.document_id = d.id and s.epoch = d.epoch
            order by s.seq desc
            limit 1
        )
        or $3 <= (select count(*) from document_clients c where c.document_id = d.id and c.epoch = d.epoch)
    )
order by d.id;
