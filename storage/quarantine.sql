-- name: add
insert into quarantine (document_id, sha256, bytes, reason) values ($1, $2, $3, $4) on conflict do nothing;

-- name: digests
select sha256 from quarantine where document_id = $1;

-- name: note_fault
insert into document_faults (document_id, what) values ($1, $2);

-- name: faults
select count(*) from document_faults
where document_id = $1 and forgiven_at is null and created_at > now() - $2::interval;

-- name: forgive
-- The project's rights count as changed, so every open room of it looks again.
with forgiven as (
    update document_faults set forgiven_at = now() where document_id = $1 and forgiven_at is null returning document_id
), told as (
    update projects set access_version = access_version + 1
    where id = (select project_id from documents where id = $1) and exists (select from forgiven)
)
select count(*) from forgiven;
