-- name: key_of_hash
-- A key that signed itself out is among the revoked tokens.
select k.id, k.role_max::text, k.project_id, k.expires_at, k.used_at,
       k.revoked_at is not null or exists (select from revoked_tokens r where r.jti = k.id) as is_revoked,
       u.id as user_id, u.email, u.name, u.colour, u.kind
  from api_keys k
  join users u on u.id = k.user_id
 where k.key_hash = $1;

-- name: mark_used
update api_keys set used_at = now() where id = $1;

-- name: add_key
insert into api_keys (id, user_id, name, shown, key_hash, role_max, project_id, created_by, expires_at)
values ($1, $2, $3, $4, $5, $6::text::project_role, $7, $8, $9);

-- name: count_keys
select count(*) from api_keys where user_id = $1 and revoked_at is null and expires_at > now();

-- name: keys_of_account
select id, name, shown, role_max::text, project_id, created_at, expires_at, revoked_at, used_at
  from api_keys
 where user_id = $1
 order by id desc
 limit $2;

-- name: revoke_key
update api_keys set revoked_at = now() where id = $1 and revoked_at is null returning expires_at;

-- name: add_account
insert into service_accounts (user_id, team_id, created_by) values ($1, $2, $3);

-- name: count_accounts
select count(*) from service_accounts where team_id = $1;

-- name: accounts_of_team
select s.user_id, s.team_id, s.created_at, u.name
  from service_accounts s
  join users u on u.id = s.user_id
 where s.team_id = $1
 order by u.name, u.id
 limit $2;

-- name: account
select s.user_id, s.team_id, s.created_at, u.name
  from service_accounts s
  join users u on u.id = s.user_id
 where s.user_id = $1;

-- name: delete_account
delete from service_accounts where user_id = $1;
