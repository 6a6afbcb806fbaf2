-- name: claim
-- A fresh key, one that is past its time, or one whose holder went away without an answer.
insert into idempotency_keys as k (actor, key_hash, id, fingerprint, held_until)
values ($1, $2, $3, $4, now() + $5::interval)
on conflict (actor, key_hash) do update
   set id = case when k.created_at < now() - $6::interval then excluded.id else k.id end,
       created_at = case when k.created_at < now() - $6::interval then now() else k.created_at end,
       fingerprint = excluded.fingerprint,
       held_until = excluded.held_until,
       answer = null
 where k.created_at < now() - $6::interval
    or (k.answer is null and k.held_until <= now() and k.fingerprint = excluded.fingerprint)
returning id;

-- name: known
select id, fingerprint, answer from idempotency_keys where actor = $1 and key_hash = $2;

-- name: keep
update idempotency_keys set answer = $4 where actor = $1 and key_hash = $2 and id = $3 and answer is null;

-- name: let_go
update idempotency_keys set held_until = now() where actor = $1 and key_hash = $2 and id = $3 and answer is null;

-- name: forget
delete from idempotency_keys where actor = $1 and key_hash = $2 and id = $3 and answer is null;

-- name: forget_old
delete from idempotency_keys
 where (actor, key_hash) in (
    select actor, key_hash from idempotency_keys where created_at < now() - $1::interval order by created_at limit $2
 );
