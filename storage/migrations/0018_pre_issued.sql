-- Tokens that were given out and are not over, so that signing out can name all that came from one sign-in.
-- `root`: the sign-in; a document token has that of the session which asked for it.
create table issued_tokens (
    jti uuid primary key,
    user_id uuid not null references users (id),
    root uuid not null,
    expires_at timestamptz not null,
    issued_at timestamptz not null default now()
);
create index issued_tokens_of_user on issued_tokens (user_id);
create index issued_tokens_of_root on issued_tokens (root);
create index issued_tokens_over on issued_tokens (expires_at);
create index revoked_tokens_over on revoked_tokens (expires_at);
