-- name: newest
select seq, hash
from document_snapshots
where document_id = $1 and epoch = $2 and ($4::bigint is null or seq <= $4)
order by seq desc
limit $3;

-- name: put
-- Nothing for an epoch that is over or for rows that are not committed.
insert into document_snapshots (document_id, epoch, seq, hash, bytes)
select id, epoch, $3, $4, $5
from documents
where id = $1 and epoch = $2 and seq >= $3
on conflict do nothing
returning seq;
