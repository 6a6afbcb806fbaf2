-- name: time_of
select created_at
from document_log
where document_id = $1 and epoch = $2 and seq = $3;

-- name: rows
-- The first row always comes; after it, as many as fit.
select seq, batch_id, actor, origin, relayed_by, created_at, bytes
from (
    select *,
           sum(octet_length(bytes)) over (order by seq) as bytes_so_far,
           row_number() over (order by seq) as place
    from (
        select seq, batch_id, actor, origin, relayed_by, created_at, bytes
        from document_log
        where document_id = $1 and epoch = $2 and seq > $3 and seq <= $4
        order by seq
        limit $5
    ) as page
) as counted
where place = 1 or bytes_so_far <= $6
order by seq;

-- name: names
select id, name
from users
where id = any($1::uuid[]);
