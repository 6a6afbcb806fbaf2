-- Requests that came with an Idempotency-Key: what was answered, or that nobody knows yet. A key belongs to its actor and
-- is kept as its hash; `answer` is sealed with the key itself (api/once.py). `id`: what effects are named after.
create table idempotency_keys (
    actor uuid not null,
    key_hash bytea not null check (length(key_hash) = 32),
    id uuid not null,
    fingerprint bytea not null check (length(fingerprint) = 32),
    held_until timestamptz not null,
    answer bytea,
    created_at timestamptz not null default now(),
    primary key (actor, key_hash)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);
