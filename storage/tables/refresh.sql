-- name: add_refresh
with swept as (
    delete from refresh_tokens where expires_at < now() - interval '1 day'
)
insert into refresh_tokens (hash, family, user_id, client, expires_at) values ($1, $2, $3, $4, $5);

-- name: refresh_of_hash
select family, user_id, client, expires_at, used_at from refresh_tokens where hash = $1 for update;

-- name: mark_used
update refresh_tokens set used_at = now() where hash = $1;

-- name: end_family
delete from refresh_tokens where family = $1;

-- name: end_families_of_user
delete from refresh_tokens where user_id = $1;

-- name: end_family_of_token
delete from refresh_tokens where family = (select root from issued_tokens where jti = $1);
