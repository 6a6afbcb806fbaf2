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
-- The first row always comes; after it, as many as fit.
select seq, batch_id, actor, origin, bytes
from (
    select seq, batch_id, actor, origin, bytes,
           sum(octet_length(bytes)) over (order by seq) as bytes_so_far,
           row_number() over (order by seq) as place
    from (
        select seq, batch_id, actor, origin, bytes
        from document_log
        where document_id = $1 and epoch = $2 and seq > $3
        order by seq
        limit $4
    ) as page
) as counted
where place = 1 or bytes_so_far <= $5
order by seq;

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
select outcome, place, number
from append_to_log(
    $1::uuid[], $2::integer[], $3::integer[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::bytea[],
    $9::integer[], $10::bigint[]
);

-- name: known_batches
select l.document_id, l.batch_id, l.epoch, l.seq
from unnest($1::uuid[], $2::uuid[]) as asked (document_id, batch_id)
join document_log l on l.document_id = asked.document_id and l.batch_id = asked.batch_id;

-- name: create
insert into documents (id, project_id, kind, server_client)
values ($1, $2, $3, $4)
on conflict (project_id, kind) do nothing
returning id, project_id, kind, epoch, seq, server_client;

-- name: head_of_kind
select id, project_id, kind, epoch, seq, server_client
from documents
where project_id = $1 and kind = $2;
