-- Mail that is to be sent, written in the transaction that causes it. `subject_id`: by its kind, of an invitation. `due_at`:
-- when it is to be tried, and while it is being sent, when whoever sends it is believed to be gone. `dead`: given up.
create table outgoing_mail (
    id uuid primary key,
    kind text not null check (kind in ('invitation')),
    subject_id uuid not null references invitations (id) on delete cascade,
    state text not null default 'waiting' check (state in ('waiting', 'sending', 'sent', 'dead', 'dropped')),
    attempt integer not null default 0,
    due_at timestamptz not null default now(),
    error text check (length(error) <= 200),
    created_at timestamptz not null default now(),
    settled_at timestamptz,
    check ((state in ('sent', 'dead', 'dropped')) = (settled_at is not null))
);
create index outgoing_mail_due on outgoing_mail (due_at) where state in ('waiting', 'sending');
create index outgoing_mail_of_subject on outgoing_mail (subject_id);
create index outgoing_mail_settled on outgoing_mail (settled_at) where state in ('sent', 'dropped');
