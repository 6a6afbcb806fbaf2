-- name: lock_owner
-- Who pays for what comes to the project; one upload of theirs is judged at a time.
select u.id, u.tier
  from projects p join users u on u.id = p.owner_id
 where p.id = $1 and p.deleted_at is null
   for no key update of u;

-- name: bytes_of_owner
-- What is in all projects of the owner, a file that is there twice once, and what is promised to uploads.
select coalesce((select sum(m.bytes)
                   from media m
                  where m.hash in (select a.hash
                                     from assets a join projects p on p.id = a.project_id
                                    where p.owner_id = $1 and a.deleted_at is null)), 0)
     + coalesce((select sum(u.bytes_all)
                   from uploads u
                   join projects p on p.id = u.project_id
                   left join assets a on a.id = u.id
                  where p.owner_id = $1 and u.state <> 'refused' and u.expires_at > now()
                    and a.hash is null and a.deleted_at is null), 0);

-- name: open_uploads_of_user
select count(*) from uploads where user_id = $1 and state = 'open' and expires_at > now();

-- name: add_upload
insert into uploads (id, project_id, user_id, name, metadata, bytes_all, handle, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, now() + $8::interval)
returning *;

-- name: upload
select * from uploads where id = $1 and expires_at > now();

-- name: upload_of_asset
select * from uploads where id = $1 and state = 'whole';

-- name: hold
-- The newest who writes is the only one who may.
update uploads set hold = hold + 1 where id = $1 and state = 'open' and bytes_here = $2 and expires_at > now() returning *;

-- name: record
update uploads
   set bytes_here = $3, parts = $4, head = $5, content_type = $6, state = $7, expires_at = now() + $8::interval
 where id = $1 and hold = $2 and state = 'open'
returning *;

-- name: refuse
update uploads set state = 'refused' where id = $1 and state = 'open' returning *;

-- name: expired
-- Those of which nobody needs the bytes any more.
select u.*
  from uploads u left join assets a on a.id = u.id
 where u.expires_at < now() and (a.id is null or a.state in ('ready', 'failed') or a.deleted_at is not null)
 order by u.expires_at
 limit $1;

-- name: forget
delete from uploads where id = $1;
