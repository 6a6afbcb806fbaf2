-- name: head
select id, project_id, kind, epoch, seq, server_client
from documents
where id = $1;

-- name: heads
select d.id, d.epoch, d.seq, p.access_version
from documents d
join projects p on p.id = d.project_id
where d.id = any($1::uuid[]);

-- name: read
-- The segment in which the next row is, if that has moved. Else rows: the first always comes; after it, as many as fit.
with segment as (
    select hash
    from document_segments
    where document_id = $1 and epoch = $2 and last_seq > $3
    order by last_seq
    limit 1
)
select null as segment, seq, batch_id, actor, origin, relayed_by, created_at, bytes
from (
    select *,
           sum(octet_length(bytes)) over (order by seq) as bytes_so_far,
           row_number() over (order by seq) as place
    from (
        select seq, batch_id, actor, origin, relayed_by, created_at, bytes
        from document_log
        where document_id = $1 and epoch = $2 and seq > $3 and not exists (select from segment)
        order by seq
        limit $4
    ) as page
) as counted
where place = 1 or bytes_so_far <= $5
union all
select hash, null, null, null, null, null, null, null
from segment
order by seq;

-- name: epoch_at
-- The newest of the epochs through $2 whose first row was written by then.
select max(e.epoch)
from generate_series(1, $2::integer) as e (epoch)
left join document_log l on l.document_id = $1 and l.epoch = e.epoch and l.seq = 1
left join document_segments s on s.document_id = $1 and s.epoch = e.epoch and s.first_seq = 1
where coalesce(l.created_at, s.began_at) <= $3;

-- name: end_of_epoch
select coalesce(
    (select max(seq) from document_log where document_id = $1 and epoch = $2),
    (select max(last_seq) from document_segments where document_id = $1 and epoch = $2),
    0
);

-- name: moved_through
select coalesce(max(last_seq), 0)
from document_segments
where document_id = $1 and epoch = $2;

-- name: time_of
select created_at
from document_log
where document_id = $1 and epoch = $2 and seq = $3;

-- name: segment_at
-- The newest that had begun by then.
select hash
from document_segments
where document_id = $1 and epoch = $2 and began_at <= $3
order by last_seq desc
limit 1;

-- name: clients
select client_id, actor
from document_clients
where document_id = $1 and epoch = $2;

-- name: lock_head
select id, project_id, kind, epoch, seq, server_client
from documents
where id = $1
for no key update;

-- name: append
-- One answer an outcome: its places and numbers side by side.
select outcome, array_agg(place), array_agg(number)
from append_to_log(
    $1::uuid[], $2::integer[], $3::integer[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::bytea[],
    $9::integer[], $10::bigint[], $11::bigint[]
)
group by outcome;

-- name: find
select epoch, seq
from document_log
where document_id = $1 and batch_id = $2
union all
select epoch, seq
from moved_batches
where document_id = $1 and batch_id = $2;

-- name: begin_epoch
update documents
set epoch = epoch + 1, seq = 0, projected_seq = 0, locked_seq = 0, server_client = $3
where id = $1 and epoch = $2
returning id, project_id, kind, epoch, seq, server_client;

-- name: create
insert into documents (id, project_id, episode_id, kind, server_client)
select $1, e.project_id, e.id, $3, $4
from episodes e
where e.id = $2
on conflict (episode_id, kind) do nothing
returning id, project_id, kind, epoch, seq, server_client;

-- name: head_of_kind
select id, project_id, kind, epoch, seq, server_client
from documents
where episode_id = $1 and kind = $2;
