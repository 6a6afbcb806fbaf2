-- Processes that ended by a native fault while they worked on a document (consistency.md C5).

create table document_faults (
    id bigint primary key generated always as identity,
    document_id uuid not null,
    what text not null,
    created_at timestamptz not null default now(),
    forgiven_at timestamptz
);
create index document_faults_standing on document_faults (document_id, created_at) where forgiven_at is null;
