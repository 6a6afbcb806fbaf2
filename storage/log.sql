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

-- name: lock_free_heads
-- `no key`: a row elsewhere that merely refers to the document does not hold up its log.
select id, epoch, seq
from documents
where id = any($1::uuid[])
order by id
for no key update skip locked;

-- name: existing
select id
from documents
where id = any($1::uuid[]);

-- name: lock_head
select id, project_id, kind, epoch, seq, server_client
from documents
where id = $1
for no key update;

-- name: known_batches
select l.document_id, l.batch_id, l.epoch, l.seq
from unnest($1::uuid[], $2::uuid[]) as asked (document_id, batch_id)
join document_log l on l.document_id = asked.document_id and l.batch_id = asked.batch_id;

-- name: claimed
select c.document_id, c.client_id, c.actor
from unnest($1::uuid[], $2::integer[], $3::bigint[]) as asked (document_id, epoch, client_id)
join document_clients c
    on c.document_id = asked.document_id and c.epoch = asked.epoch and c.client_id = asked.client_id;

-- name: write
with written as (
    insert into document_log (document_id, epoch, seq, batch_id, actor, origin, relayed_by, bytes)
    select *
    from unnest(
        $1::uuid[], $2::integer[], $3::bigint[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::bytea[]
    )
), claimed as (
    insert into document_clients (document_id, epoch, client_id, actor)
    select *
    from unnest($9::uuid[], $10::integer[], $11::bigint[], $12::uuid[])
    on conflict do nothing
)
update documents d
set seq = moved.seq
from unnest($13::uuid[], $14::bigint[]) as moved (id, seq)
where d.id = moved.id;

-- name: create
insert into documents (id, project_id, kind, server_client)
values ($1, $2, $3, $4)
on conflict (project_id, kind) do nothing
returning id, project_id, kind, epoch, seq, server_client;

-- name: head_of_kind
select id, project_id, kind, epoch, seq, server_client
from documents
where project_id = $1 and kind = $2;
