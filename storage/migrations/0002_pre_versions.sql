-- Named versions of documents: a label on a sequence of the log.

create table document_versions (
    id uuid primary key,
    document_id uuid not null references documents (id),
    epoch integer not null,
    seq bigint not null check (seq >= 0),
    label text not null check (length(label) between 1 and 120),
    author uuid not null references users (id),
    created_at timestamptz not null default now()
);
create index document_versions_newest on document_versions (document_id, created_at desc, id desc);
