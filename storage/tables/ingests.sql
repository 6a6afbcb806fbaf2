-- name: lease_next
-- One that nobody holds; whoever takes it over writes under a new epoch.
update assets
   set state = 'working', epoch = epoch + 1, attempt = attempt + 1,
       lease_owner = $1, lease_until = now() + $2::interval, updated_at = now()
 where id = (select id
               from assets
              where state in ('waiting', 'working') and deleted_at is null
                and (lease_until is null or lease_until < now())
              order by created_at
              limit 1
                for update skip locked)
returning *;

-- name: renew
update assets
   set lease_until = now() + $3::interval
 where id = $1 and epoch = $2 and state = 'working' and deleted_at is null
returning id;

-- name: hold
select id from assets where id = $1 and epoch = $2 and state = 'working' and deleted_at is null for update;

-- name: hand_back
update assets
   set state = 'waiting', lease_owner = null, lease_until = null, attempt = attempt - $3, updated_at = now()
 where id = $1 and epoch = $2 and state = 'working'
returning id;

-- name: advance
update assets set stage = $3, pct = greatest(pct, $4), updated_at = now() where id = $1 and epoch = $2;

-- name: identify
update assets set hash = $3, updated_at = now() where id = $1 and epoch = $2;

-- name: finish
update assets
   set state = $3, pct = case when $3 = 'ready' then 100 else pct end, error = $4,
       lease_owner = null, lease_until = null, updated_at = now()
 where id = $1 and epoch = $2;

-- name: parts
select part, made, facts from media_parts where source = $1;

-- name: put_part
insert into media_parts (source, part, made, facts) values ($1, $2, $3, $4) on conflict do nothing;

-- name: give_parts
insert into project_media (project_id, hash)
select $1, made from media_parts where source = $2 and made is not null
on conflict do nothing;
