-- name: add
insert into quarantine (document_id, sha256, bytes, reason) values ($1, $2, $3, $4) on conflict do nothing;

-- name: digests
select sha256 from quarantine where document_id = $1;
