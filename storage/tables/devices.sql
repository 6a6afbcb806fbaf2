-- name: add_grant
-- None where the user code is taken.
with swept as (
    delete from device_grants where expires_at < now() - interval '1 hour'
)
insert into device_grants (device_hash, user_code, client, device, address, interval_s, asked_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (user_code) do nothing
returning user_code;

-- name: grant_of_user_code
select device_hash, client, device, address, interval_s, asked_at, expires_at, polled_at, user_id, is_approved
  from device_grants
 where user_code = $1
   for update;

-- name: grant_of_device
select device_hash, client, device, address, interval_s, asked_at, expires_at, polled_at, user_id, is_approved
  from device_grants
 where device_hash = $1
   for update;

-- name: decide
update device_grants set user_id = $2, is_approved = $3 where device_hash = $1;

-- name: polled
update device_grants set polled_at = $2, interval_s = $3 where device_hash = $1;

-- name: remove_grant
delete from device_grants where device_hash = $1;

-- name: lock_guesser
select pg_advisory_xact_lock(hashtextextended('device ' || $1::uuid::text, 0));
