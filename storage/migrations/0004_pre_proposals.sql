-- Edits that were refused and may be looked at (consistency.md C6).

create table proposals (
    id uuid primary key,
    document_id uuid not null references documents (id),
    epoch integer not null,
    author uuid not null references users (id),
    reason text not null check (length(reason) between 1 and 64),
    bytes bytea not null,
    state text not null default 'open' check (state in ('open', 'accepted', 'dismissed')),
    created_at timestamptz not null default now(),
    decided_by uuid references users (id),
    decided_at timestamptz,
    seq bigint,
    check ((state = 'open') = (decided_by is null) and (state = 'open') = (decided_at is null)),
    check ((state = 'accepted') = (seq is not null))
);
create index proposals_newest on proposals (document_id, created_at desc, id desc);
create index proposals_open on proposals (document_id, author) where state = 'open';
