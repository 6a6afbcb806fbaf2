-- name: add_user
insert into users (id, email, name, colour, kind) values ($1, $2, $3, $4, $5);

-- name: user_of_id
select id, email, name, colour, kind from users where id = $1;

-- name: user_of_email
select id, email, name, colour, kind from users where email = $1;

-- name: user_of_token
select u.id, u.email, u.name, u.colour, u.kind,
       exists (select 1 from revoked_tokens r where r.jti = $2) as revoked
  from users u
 where u.id = $1;

-- name: names_of
select id, name from users where id = any($1::uuid[]);

-- name: change_user
update users set name = coalesce($2, name), colour = coalesce($3, colour) where id = $1
returning id, email, name, colour, kind;
