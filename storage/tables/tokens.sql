-- name: revoke
-- Rows whose token is over by itself say nothing any more; a day is more than any clock is wrong by.
with swept as (
    delete from revoked_tokens where expires_at < now() - interval '1 day'
)
insert into revoked_tokens (jti, expires_at) values ($1, $2) on conflict (jti) do nothing returning jti;

-- name: add_issued
with swept as (
    delete from issued_tokens where expires_at < now() - interval '1 day'
)
insert into issued_tokens (jti, user_id, root, expires_at)
values ($1, $2, coalesce((select root from issued_tokens where jti = $3), $3, $1), $4);

-- name: revoke_root_of
-- Everything that came from the sign-in from which this token came. A minute is more than any leeway.
insert into revoked_tokens (jti, expires_at)
select i.jti, i.expires_at + interval '1 minute'
  from issued_tokens i
 where i.root = coalesce((select root from issued_tokens where jti = $1), $1)
    on conflict (jti) do nothing;

-- name: revoke_all_of_user
insert into revoked_tokens (jti, expires_at)
select i.jti, i.expires_at + interval '1 minute'
  from issued_tokens i
 where i.user_id = $1
    on conflict (jti) do nothing;

-- name: bump_access_of_user
-- In the order of ids, so that two sign-outs never wait for each other in a circle.
select raise_access_of_user($1);

-- name: bump_access_of_document
update projects p
   set access_version = p.access_version + 1
  from documents d
 where d.id = $1 and p.id = d.project_id
returning p.id;
