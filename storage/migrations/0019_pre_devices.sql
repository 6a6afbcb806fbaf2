-- Refresh tokens, by their hashes. A used one stays until it is over: whoever shows it again has stolen it, or was robbed.
create table refresh_tokens (
    hash bytea primary key check (length(hash) = 32),
    family uuid not null,
    user_id uuid not null references users (id),
    client text not null check (length(client) between 1 and 64),
    expires_at timestamptz not null,
    issued_at timestamptz not null default now(),
    used_at timestamptz
);
create index refresh_tokens_of_family on refresh_tokens (family);
create index refresh_tokens_of_user on refresh_tokens (user_id);
create index refresh_tokens_over on refresh_tokens (expires_at);

-- Devices that ask to be signed in (RFC 8628), until they are told the answer.
create table device_grants (
    device_hash bytea primary key check (length(device_hash) = 32),
    user_code text not null unique check (user_code ~ '^[BCDFHJKLMPRSTWXZ]{8}$'),
    client text not null check (length(client) between 1 and 64),
    device text not null check (length(device) between 1 and 60),
    address inet,
    interval_s integer not null,
    asked_at timestamptz not null,
    expires_at timestamptz not null,
    polled_at timestamptz,
    user_id uuid references users (id),
    is_approved boolean,
    check ((user_id is null) = (is_approved is null))
);
create index device_grants_over on device_grants (expires_at);
