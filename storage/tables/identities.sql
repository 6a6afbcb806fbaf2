-- name: user_of_identity
select u.id, u.email, u.name, u.colour
  from user_identities i
  join users u on u.id = i.user_id
 where i.issuer = $1 and i.subject = $2;

-- name: lock_identity
select pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0));

-- name: identities_of_user
select issuer, subject, created_at from user_identities where user_id = $1 order by created_at, issuer, subject;

-- name: remove_identities
delete from user_identities where user_id = $1 and issuer = $2 returning subject;

-- name: add_identity
insert into user_identities (issuer, subject, user_id) values ($1, $2, $3);
