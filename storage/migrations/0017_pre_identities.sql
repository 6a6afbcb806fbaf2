-- Whom a sign-in provider means: its subject and our user. An e-mail address may change hands; this pair does not.
create table user_identities (
    issuer text not null check (length(issuer) between 1 and 512),
    subject text not null check (length(subject) between 1 and 255),
    user_id uuid not null references users (id),
    created_at timestamptz not null default now(),
    primary key (issuer, subject)
);
create index user_identities_of_user on user_identities (user_id);
