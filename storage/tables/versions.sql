-- name: add_version
-- Nothing when the id is taken, or when the document has as many as it may.
insert into document_versions (id, document_id, epoch, seq, label, author)
select $1, $2, $3, $4, $5, $6
where (select count(*) from document_versions where document_id = $2) < $7::integer
on conflict (id) do nothing;

-- name: version
select id, document_id, epoch, seq, label, author, created_at
from document_versions
where document_id = $1 and id = $2;

-- name: versions
select id, document_id, epoch, seq, label, author, created_at
from document_versions
where document_id = $1
  and ($2::uuid is null or (created_at, id) < (select created_at, id from document_versions where id = $2))
order by created_at desc, id desc
limit $3;

-- name: delete_version
delete from document_versions
where document_id = $1 and id = $2
returning id;
