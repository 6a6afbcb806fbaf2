-- The whole schema. `storage/migrations/` builds the same; a test compares the two. Deleting a project's row, or an
-- episode's, deletes everything of it: whatever refers to one says `on delete cascade`.

-- The ledger of the migrations; `storage/migrate.py` makes it before the first one runs.
create table schema_migrations (
    name text primary key,
    applied_at timestamptz not null default now()
);

create extension if not exists vector;
create extension if not exists btree_gin;

-- People ---------------------------------------------------------------------------------------

-- Only people have an address; a guest is whoever came by a share link, a service is a program.
create table users (
    id uuid primary key,
    email text unique check (length(email) between 3 and 254),
    name text not null check (length(name) between 1 and 80),
    colour text not null check (colour ~ '^#[0-9a-f]{6}$'),
    created_at timestamptz not null default now(),
    kind text not null default 'person' check (kind in ('person', 'service', 'guest')),
    tier text not null default 'studio' check (tier in ('free', 'pro', 'studio')),
    constraint users_email_of_people check ((kind = 'person') = (email is not null))
);

-- Whom a sign-in provider means: its subject and our user. An e-mail address may change hands; this pair does not.
create table user_identities (
    issuer text not null check (length(issuer) between 1 and 512),
    subject text not null check (length(subject) between 1 and 255),
    user_id uuid not null references users (id),
    created_at timestamptz not null default now(),
    primary key (issuer, subject)
);
create index user_identities_of_user on user_identities (user_id);

create table revoked_tokens (
    jti uuid primary key,
    expires_at timestamptz not null
);

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

-- Who did what to whom, from where and when. It is only appended to: no role of ours may change what stands there.
create table audit_log (
    id bigint primary key generated always as identity,
    at timestamptz not null default now(),
    action text not null check (action ~ '^[a-z_]+\.[a-z_]+$' and length(action) <= 64),
    actor_id uuid,
    user_id uuid,
    project_id uuid,
    address inet,
    agent text check (length(agent) <= 200),
    request_id text check (length(request_id) <= 64),
    detail jsonb not null default '{}'
);
create index audit_log_of_project on audit_log (project_id, id desc) where project_id is not null;
create index audit_log_of_actor on audit_log (actor_id, id desc) where actor_id is not null;
create index audit_log_of_sign_ins on audit_log (actor_id, (detail ->> 'id')) where action = 'session.opened';

create function refuse_to_change_audit_log() returns trigger
language plpgsql
as $$
begin
    raise exception 'audit_log is only appended to' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_log_is_append_only
    before update or delete or truncate on audit_log
    for each statement execute function refuse_to_change_audit_log();

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

-- Projects -------------------------------------------------------------------------------------

create table projects (
    id uuid primary key,
    owner_id uuid not null references users (id),
    title text not null check (length(title) between 1 and 255),
    kind text not null check (kind in ('series', 'movie', 'short')),
    brain text not null,
    format text not null,
    settings jsonb not null default '{}',
    access_version bigint not null default 1,
    event_cursor bigint not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    settings_version integer not null default 1,
    archived_at timestamptz,
    purge_began_at timestamptz,
    is_template boolean not null default false
);
create index projects_deleted on projects (deleted_at) where deleted_at is not null;

-- `ord`: order keys (sync/order_keys.py), within the project for seasons, within the season for episodes.
create table seasons (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    ord text collate "C" not null check (ord ~ '^[0-9A-Za-z]{1,200}$'),
    title text not null check (length(title) between 1 and 255),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (project_id, id)
);
create index seasons_in_order on seasons (project_id, ord);

-- Every document belongs to one. A movie and a short have exactly one, which nobody needs to see.
create table episodes (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    season_id uuid,
    ord text collate "C" not null check (ord ~ '^[0-9A-Za-z]{1,200}$'),
    title text not null check (length(title) between 1 and 255),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    purge_began_at timestamptz,
    unique (project_id, id),
    foreign key (project_id, season_id) references seasons (project_id, id)
);
create index episodes_in_order on episodes (project_id, season_id, ord);
create index episodes_deleted on episodes (deleted_at) where deleted_at is not null;

-- In the order of their strength, so that `max` is the strongest.
create type project_role as enum ('viewer', 'commenter', 'editor', 'owner');

create table project_members (
    project_id uuid not null references projects (id) on delete cascade,
    user_id uuid not null references users (id),
    role project_role not null,
    primary key (project_id, user_id)
);
create index project_members_of_user on project_members (user_id);

create table teams (
    id uuid primary key,
    name text not null check (length(name) between 1 and 80),
    created_by uuid not null references users (id),
    created_at timestamptz not null default now()
);
create index teams_of_creator on teams (created_by);

create table team_members (
    team_id uuid not null references teams (id) on delete cascade,
    user_id uuid not null references users (id),
    role text not null check (role in ('owner', 'admin', 'member')),
    joined_at timestamptz not null default now(),
    primary key (team_id, user_id)
);
create index team_members_of_user on team_members (user_id);

-- What every member of the team is in the project.
create table project_teams (
    project_id uuid not null references projects (id) on delete cascade,
    team_id uuid not null references teams (id) on delete cascade,
    role project_role not null,
    primary key (project_id, team_id)
);
create index project_teams_of_team on project_teams (team_id);

-- Roles of one episode. Beside a role in the project it narrows that one; alone it gives the episode and nothing else of
-- the project. Nobody owns an episode.
create table episode_members (
    project_id uuid not null,
    episode_id uuid not null,
    user_id uuid not null references users (id),
    role project_role not null check (role < 'owner'),
    primary key (episode_id, user_id),
    foreign key (project_id, episode_id) references episodes (project_id, id) on delete cascade
);
create index episode_members_of_user on episode_members (user_id);
create index episode_members_of_project on episode_members (project_id);

create table episode_teams (
    project_id uuid not null,
    episode_id uuid not null,
    team_id uuid not null references teams (id) on delete cascade,
    role project_role not null check (role < 'owner'),
    primary key (episode_id, team_id),
    foreign key (project_id, episode_id) references episodes (project_id, id) on delete cascade
);
create index episode_teams_of_team on episode_teams (team_id);
create index episode_teams_of_project on episode_teams (project_id);

-- To a project, to one episode of it, or to a team. The token itself is only in the mail that was sent.
create table invitations (
    id uuid primary key,
    project_id uuid references projects (id) on delete cascade,
    team_id uuid references teams (id) on delete cascade,
    email text not null check (length(email) between 3 and 254),
    role text not null,
    token_hash bytea not null unique,
    invited_by uuid not null references users (id),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    sent_at timestamptz,
    state text not null default 'open' check (state in ('open', 'accepted', 'declined', 'revoked')),
    decided_at timestamptz,
    episode_id uuid,
    check (num_nonnulls(project_id, team_id) = 1),
    check (
        case
            when team_id is null then role in ('owner', 'editor', 'commenter', 'viewer')
            else role in ('owner', 'admin', 'member')
        end
    ),
    check ((state = 'open') = (decided_at is null)),
    constraint invitations_episode_of_project check (episode_id is null or project_id is not null and role <> 'owner'),
    foreign key (project_id, episode_id) references episodes (project_id, id) on delete cascade
);
create index invitations_of_episode on invitations (project_id, episode_id) where episode_id is not null;
create unique index invitations_open_of_project on invitations (project_id, email) where state = 'open';
create unique index invitations_open_of_team on invitations (team_id, email) where state = 'open';

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

-- `wrong_count` passwords were wrong since `wrong_since`.
create table share_links (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    label text not null check (length(label) <= 80),
    token_hash bytea not null unique,
    password_hash text,
    can_comment boolean not null,
    can_download boolean not null,
    can_approve boolean not null,
    created_by uuid not null references users (id),
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    wrong_count integer not null default 0,
    wrong_since timestamptz
);
create index share_links_of_project on share_links (project_id, id desc);

create table share_guests (
    link_id uuid not null references share_links (id) on delete cascade,
    user_id uuid not null references users (id),
    joined_at timestamptz not null default now(),
    primary key (link_id, user_id)
);
create index share_guests_of_user on share_guests (user_id);

-- A program that belongs to a team; its rights are those of the team, as far as the key allows.
create table service_accounts (
    user_id uuid primary key references users (id),
    team_id uuid not null references teams (id) on delete cascade,
    created_by uuid not null references users (id),
    created_at timestamptz not null default now()
);
create index service_accounts_of_team on service_accounts (team_id);

-- `project_id` null: in every project. `shown`: how the key begins, for people to tell keys apart.
create table api_keys (
    id uuid primary key,
    user_id uuid not null references service_accounts (user_id) on delete cascade,
    name text not null check (length(name) between 1 and 80),
    shown text not null,
    key_hash bytea not null unique,
    role_max project_role not null,
    project_id uuid references projects (id) on delete cascade,
    created_by uuid not null references users (id),
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    used_at timestamptz
);
create index api_keys_of_account on api_keys (user_id, id desc);

-- Everything that gives somebody a role in a project: the one rule for every door. `until`: when it ends by itself.
-- `episode_id` null: in all of it; else what it gives of the project is a look at what its episodes share.
create view project_grants as
select m.project_id, m.user_id, m.role, true as can_download, m.role >= 'commenter' as can_approve,
       null::timestamptz as until, null::uuid as episode_id
from project_members m
union all
select t.project_id, m.user_id, t.role, true, t.role >= 'commenter', null, null
from project_teams t
join team_members m on m.team_id = t.team_id
union all
select l.project_id, g.user_id, case when l.can_comment then 'commenter' else 'viewer' end::project_role,
       l.can_download, l.can_approve, l.expires_at, null
from share_links l
join share_guests g on g.link_id = l.id
where l.revoked_at is null and (l.expires_at is null or l.expires_at > now())
union all
select m.project_id, m.user_id, 'viewer', true, false, null, m.episode_id
from episode_members m
join episodes e on e.id = m.episode_id and e.deleted_at is null
union all
select t.project_id, m.user_id, 'viewer', true, false, null, t.episode_id
from episode_teams t
join episodes e on e.id = t.episode_id and e.deleted_at is null
join team_members m on m.team_id = t.team_id;

-- The strongest of them. One row; `role` is null for a stranger. `episodes`: the only ones that they see; null for all.
create function standing_in(asked_project uuid, asked_user uuid)
returns table (role text, can_download boolean, can_approve boolean, until timestamptz, episodes uuid[])
language sql
stable
as $$
    select max(g.role)::text, coalesce(bool_or(g.can_download), false), coalesce(bool_or(g.can_approve), false),
           min(g.until),
           case when bool_and(g.episode_id is not null) then array_agg(distinct g.episode_id) end
    from project_grants g
    where g.project_id = asked_project and g.user_id = asked_user
$$;

-- The same in one episode of it: of each thing that gives a role the weaker of what it says about the project and about
-- the episode (`least` leaves out what is null), and of these the strongest.
create function standing_at(asked_episode uuid, asked_project uuid, asked_user uuid)
returns table (role text, can_download boolean, can_approve boolean, until timestamptz, episodes uuid[])
language sql
stable
as $$
    select max(g.role)::text, coalesce(bool_or(g.can_download), false), coalesce(bool_or(g.can_approve), false),
           min(g.until), null::uuid[]
    from (
        select n.role, true as can_download, n.role >= 'commenter' as can_approve, null::timestamptz as until
        from (
            select least(
                (select m.role from project_members m where m.project_id = asked_project and m.user_id = asked_user),
                (select m.role from episode_members m where m.episode_id = asked_episode and m.user_id = asked_user)
            ) as role
            union all
            select least(p.role, e.role)
            from team_members m
            left join project_teams p on p.team_id = m.team_id and p.project_id = asked_project
            left join episode_teams e on e.team_id = m.team_id and e.episode_id = asked_episode
            where m.user_id = asked_user
        ) n
        where n.role is not null
        union all
        select case when l.can_comment then 'commenter' else 'viewer' end::project_role, l.can_download, l.can_approve,
               l.expires_at
        from share_links l
        join share_guests g on g.link_id = l.id
        where l.project_id = asked_project and g.user_id = asked_user
          and l.revoked_at is null and (l.expires_at is null or l.expires_at > now())
    ) g
$$;

-- What everybody who follows a project is told, in order. `cursor` is allotted from projects.event_cursor
-- under that row's lock, so that it has no gaps and is in the order of commits (consistency.md C8). `episode_id`: what it
-- is about; null: the project. Whoever has a role in other episodes only is not told what it says.
create table project_events (
    project_id uuid not null references projects (id) on delete cascade,
    cursor bigint not null,
    kind text not null,
    payload jsonb not null,
    created_at timestamptz not null default now(),
    episode_id uuid,
    primary key (project_id, cursor)
);
create index project_previews on project_events (project_id, (payload ->> 'scn'), cursor desc) where kind = 'preview';
create index previews_of_scene on project_events (project_id, (payload ->> 'scn'), cursor desc) where kind = 'preview';

-- Documents ------------------------------------------------------------------------------------

create table documents (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    kind text not null check (kind in ('sb', 'tl')),
    epoch integer not null default 1 check (epoch >= 1),
    seq bigint not null default 0,
    server_client bigint not null check (server_client between 1 and 4294967295),
    projected_seq bigint not null default 0,
    created_at timestamptz not null default now(),
    locked_seq bigint not null default 0,   -- the row by which something was locked last (C17)
    episode_id uuid not null,
    unique (episode_id, kind),
    foreign key (project_id, episode_id) references episodes (project_id, id) on delete cascade
);
create index documents_of_project on documents (project_id);

create table document_log (
    document_id uuid not null references documents (id) on delete cascade,
    epoch integer not null,
    seq bigint not null,
    batch_id uuid not null,
    actor uuid,
    origin text not null,
    relayed_by uuid,
    bytes bytea not null,
    created_at timestamptz not null default now(),
    primary key (document_id, epoch, seq),
    unique (document_id, batch_id)
);

-- Old rows of the log, one object each (consistency.md C15): packed by `storage/segments.py`, named by their hash.
-- Every sequence is in one row of document_log or in one segment.
create table document_segments (
    document_id uuid not null references documents (id) on delete cascade,
    epoch integer not null,
    first_seq bigint not null,
    last_seq bigint not null check (last_seq >= first_seq),
    began_at timestamptz not null,
    hash text not null check (hash ~ '^[0-9a-f]{64}$'),
    bytes bigint not null check (bytes >= 0),
    moved_at timestamptz not null default now(),
    primary key (document_id, epoch, last_seq),
    unique (document_id, epoch, first_seq)
);

-- What stays of a row in a segment, so that its repetition is still known (C8).
create table moved_batches (
    document_id uuid not null references documents (id) on delete cascade,
    batch_id uuid not null,
    epoch integer not null,
    seq bigint not null,
    primary key (document_id, batch_id)
);

-- What the gestures of one request have made, for its repetition (Idempotency-Key). `made`: ids, null where none.
create table gesture_answers (
    document_id uuid not null references documents (id) on delete cascade,
    batch_id uuid not null,
    seq bigint not null,
    made text[] not null,
    primary key (document_id, batch_id)
);

-- A client id belongs to its first actor (consistency.md C3).
create table document_clients (
    document_id uuid not null references documents (id) on delete cascade,
    epoch integer not null,
    client_id bigint not null,
    actor uuid not null,
    primary key (document_id, epoch, client_id)
);

-- A group commit is one call (C8, C9).
create function append_to_log(
    documents_of uuid[],   -- the documents of the call, each in one epoch
    epochs_of integer[],
    row_documents integer[],   -- the rows in their order: which of `documents_of` each belongs to, from 1
    row_batches uuid[],
    row_actors uuid[],
    row_origins text[],
    row_relayers uuid[],
    row_bytes bytea[],
    claim_rows integer[],   -- client ids first seen in a row: which of the rows, from 1
    claim_clients bigint[],
    row_seen bigint[] default null   -- up to which row each was judged; null: as the document stands now
)
-- One answer a document: `committed` with its newest sequence, `postponed`, `missing`, `epoch` with the one that it has,
-- or of its first row that may not be committed `batch_epoch` with the epoch in which it was, `claimed` with the
-- client id, or `locked` with the row of a lock that it was judged without (C17). One answer `row` with its sequence
-- for every row of the committed ones. `place` counts from 1.
returns table (outcome text, place integer, number bigint)
language plpgsql
as $$
declare
    free_ids uuid[];
    free_epochs integer[];
    free_seqs bigint[];
    free_locked_seqs bigint[];
begin
    -- Sorted, so that two commits never wait for each other. `no key`: a row elsewhere that merely refers to the
    -- document does not hold up its log. The statement behind this one sees what the last holder has committed.
    select array_agg(h.id), array_agg(h.epoch), array_agg(h.seq), array_agg(h.locked_seq)
    into free_ids, free_epochs, free_seqs, free_locked_seqs
    from (
        select d.id, d.epoch, d.seq, d.locked_seq
        from documents d
        where d.id = any(documents_of)
        order by d.id
        for no key update skip locked
    ) as h;

    return query
    with document as (
        select d.place::integer as place, d.id, d.epoch, h.epoch as head_epoch, h.seq as head_seq, h.locked_seq
        from unnest(documents_of, epochs_of) with ordinality as d (id, epoch, place)
        left join unnest(free_ids, free_epochs, free_seqs, free_locked_seqs) as h (id, epoch, seq, locked_seq)
            on h.id = d.id
    ), asked as (
        select r.place::integer as place, d.place as document_place, d.id as document_id, d.epoch, d.head_seq,
               d.locked_seq, r.batch_id, r.actor, r.origin, r.relayed_by, r.bytes, r.seen,
               coalesce(l.epoch, m.epoch) as known_epoch, coalesce(l.seq, m.seq) as known_seq,
               row_number() over (partition by d.id, r.batch_id order by r.place) as repetition
        from unnest(row_documents, row_batches, row_actors, row_origins, row_relayers, row_bytes, row_seen)
            with ordinality as r (document_place, batch_id, actor, origin, relayed_by, bytes, seen, place)
        join document d on d.place = r.document_place and d.head_epoch = d.epoch
        left join document_log l on l.document_id = d.id and l.batch_id = r.batch_id
        left join moved_batches m on m.document_id = d.id and m.batch_id = r.batch_id
    ), claim as (
        select a.place, a.document_place, a.document_id, a.epoch, c.client_id, a.actor,
               coalesce(
                   k.actor, first_value(a.actor) over (partition by a.document_id, c.client_id order by a.place)
               ) as owner
        from unnest(claim_rows, claim_clients) as c (place, client_id)
        join asked a on a.place = c.place and a.known_seq is null and a.repetition = 1
        left join document_clients k
            on k.document_id = a.document_id and k.epoch = a.epoch and k.client_id = c.client_id
    ), refused as (
        select distinct on (f.document_place) f.outcome, f.document_place, f.place, f.number
        from (
            select 'batch_epoch' as outcome, a.document_place, a.place, a.known_epoch::bigint as number
            from asked a
            where a.known_epoch <> a.epoch
            union all
            select 'claimed', c.document_place, c.place, c.client_id
            from claim c
            where c.owner <> c.actor
            union all
            select 'locked', a.document_place, a.place, a.locked_seq
            from asked a
            where a.known_seq is null and a.repetition = 1 and a.seen < a.locked_seq
        ) as f
        order by f.document_place, f.place, f.outcome = 'locked', f.number
    ), fresh as (
        select a.*, a.head_seq + row_number() over (partition by a.document_id order by a.place) as seq
        from asked a
        where a.known_seq is null and a.repetition = 1
            and a.document_place not in (select f.document_place from refused f)
    ), written as (
        insert into document_log (document_id, epoch, seq, batch_id, actor, origin, relayed_by, bytes)
        select f.document_id, f.epoch, f.seq, f.batch_id, f.actor, f.origin, f.relayed_by, f.bytes
        from fresh f
    ), owned as (
        insert into document_clients (document_id, epoch, client_id, actor)
        select distinct c.document_id, c.epoch, c.client_id, c.actor
        from claim c
        where c.document_place not in (select f.document_place from refused f)
        on conflict do nothing
    ), moved as (
        update documents d
        set seq = f.seq
        from (select n.document_id, max(n.seq) as seq from fresh n group by n.document_id) as f
        where d.id = f.document_id
    )
    select 'row', a.place, coalesce(a.known_seq, f.seq)
    from asked a
    left join fresh f on f.document_id = a.document_id and f.batch_id = a.batch_id
    where a.document_place not in (select n.document_place from refused n)
    union all
    select f.outcome, f.place, f.number
    from refused f
    union all
    select case
               when d.head_epoch = d.epoch then 'committed'
               when d.head_epoch is not null then 'epoch'
               when exists (select from documents e where e.id = d.id) then 'postponed'
               else 'missing'
           end,
           d.place,
           case
               when d.head_epoch <> d.epoch then d.head_epoch
               else d.head_seq + (select count(*) from fresh n where n.document_id = d.id)
           end
    from document d
    where d.place not in (select f.document_place from refused f);
end
$$;

-- Caches of the log: any of them may be deleted. The bytes are in the object store under `hash`.
create table document_snapshots (
    document_id uuid not null references documents (id) on delete cascade,
    epoch integer not null,
    seq bigint not null,
    hash text not null,
    bytes bigint not null,
    created_at timestamptz not null default now(),
    primary key (document_id, epoch, seq)
);

-- A label on a sequence of the log; the content is what the log says (consistency.md C15).
create table document_versions (
    id uuid primary key,
    document_id uuid not null references documents (id) on delete cascade,
    epoch integer not null,
    seq bigint not null check (seq >= 0),
    label text not null check (length(label) between 1 and 120),
    author uuid not null references users (id),
    created_at timestamptz not null default now()
);
create index document_versions_newest on document_versions (document_id, created_at desc, id desc);

-- Edits that were refused and may be looked at (C6). `bytes`: updates one after another, each with its length.
-- `seq`: the row of the edit that took it in.
create table proposals (
    id uuid primary key,
    document_id uuid not null references documents (id) on delete cascade,
    epoch integer not null,
    author uuid not null references users (id),
    reason text not null check (length(reason) between 1 and 64),
    bytes bytea not null,
    state text not null default 'open' check (state in ('open', 'accepted', 'dismissed')),
    created_at timestamptz not null default now(),
    decided_by uuid references users (id),
    decided_at timestamptz,
    seq bigint,
    detail text not null default '' check (length(detail) <= 512),
    check ((state = 'open') = (decided_by is null) and (state = 'open') = (decided_at is null)),
    check ((state = 'accepted') = (seq is not null))
);
create index proposals_newest on proposals (document_id, created_at desc, id desc);
create index proposals_open on proposals (document_id, author) where state = 'open';

create table quarantine (
    document_id uuid not null,
    sha256 bytea not null,
    bytes bytea not null,
    reason text not null,
    created_at timestamptz not null default now(),
    primary key (document_id, sha256)
);

-- Processes that ended by a native fault while they worked on a document (consistency.md C5).

create table document_faults (
    id bigint primary key generated always as identity,
    document_id uuid not null,
    what text not null,
    created_at timestamptz not null default now(),
    forgiven_at timestamptz
);
create index document_faults_standing on document_faults (document_id, created_at) where forgiven_at is null;

-- Projections of documents (documents.md A10). All rows together show the document at `documents.projected_seq`;
-- `seq` is the sequence that last changed the row.

create table scenes (
    document_id uuid not null references documents (id) on delete cascade,
    id text not null,
    project_id uuid not null references projects (id) on delete cascade,
    seq bigint not null,
    position integer not null,
    number text not null default '',
    title text not null default '',
    slug jsonb not null default '{}',
    prompt text not null default '',
    status text not null default 'draft',
    current_take uuid,
    est_frames integer,
    primary key (document_id, id)
);
create index scenes_in_order on scenes (project_id, position);

create table shots (
    document_id uuid not null references documents (id) on delete cascade,
    id text not null,
    seq bigint not null,
    scene_id text not null,
    position integer not null,
    size text,
    angle text,
    move text,
    lens_mm integer,
    frames integer,
    description text not null default '',
    primary key (document_id, id)
);
create index shots_of_scene on shots (document_id, scene_id, position);

create table tracks (
    document_id uuid not null references documents (id) on delete cascade,
    id text not null,
    seq bigint not null,
    position integer not null,
    kind text not null,
    name text not null default '',
    language text,
    lanes integer not null,
    is_on boolean not null default true,
    is_muted boolean not null default false,
    is_solo boolean not null default false,
    primary key (document_id, id)
);

-- `start_frame`, `frames`: on the timeline. `in_frame`, `out_frame`: the part that is seen, local to the clip;
-- `media_frame`: of its media, where that part begins. `off_frames`: against the first of the linked clips.
create table clips (
    document_id uuid not null references documents (id) on delete cascade,
    id text not null,
    seq bigint not null,
    track_id text not null,
    lane integer not null,
    start_frame bigint not null,
    frames bigint not null,
    in_frame integer not null,
    out_frame integer not null,
    media_frame integer not null,
    speed_num integer not null default 1,
    speed_den integer not null default 1,
    scene_id text,
    shot_id text,
    source jsonb,
    dissolve jsonb,
    anchor_id text,
    off_frames bigint not null default 0,
    is_on boolean not null default true,
    primary key (document_id, id)
);
create index clips_in_order on clips (document_id, start_frame, id);

create table markers (
    document_id uuid not null references documents (id) on delete cascade,
    id text not null,
    seq bigint not null,
    frame bigint not null,
    frames integer not null default 0,
    kind text,
    name text not null default '',
    note text not null default '',
    colour text,
    clip_id text,
    primary key (document_id, id)
);
create index markers_in_order on markers (document_id, frame, id);

-- Named revisions. `named_at_ms`: since 1970.
create table cuts (
    document_id uuid not null references documents (id) on delete cascade,
    id text not null,
    seq bigint not null,
    title text not null default '',
    named_by text,
    named_at_ms bigint,
    snapshot text,
    hash text,
    primary key (document_id, id)
);

-- What can be found by its words. Apart from the rows themselves: these move whenever something before them does, and
-- an index of words is dear to write. `title_words`, `body_words`: the words alone, told apart by `services/search/words.py`.
create table texts (
    document_id uuid not null references documents (id) on delete cascade,
    kind text not null check (kind in ('scene', 'shot', 'marker')),
    id text not null,
    seq bigint not null,
    project_id uuid not null references projects (id) on delete cascade,
    scene_id text,
    title text not null,
    body text not null,
    title_words text not null default '',
    body_words text not null default '',
    words tsvector not null generated always as (
        setweight(to_tsvector('simple', title_words), 'A') || setweight(to_tsvector('simple', body_words), 'B')
    ) stored,
    primary key (document_id, kind, id)
);
create index texts_of_project on texts using gin (project_id, words);

-- A search as people type it (`websearch_to_tsquery`), in which every word may go on: "tra" finds "train". A word that
-- is excluded (-train) is excluded as it stands.
create function words_beginning(asked text)
returns tsquery
language sql immutable parallel safe
return regexp_replace(
    regexp_replace(websearch_to_tsquery('simple', asked)::text, '''(?:[^'']|'''')+''', '\&:*', 'g'),
    '(!''(?:[^'']|'''')+''):\*',
    '\1',
    'g'
)::tsquery;

-- Generation -----------------------------------------------------------------------------------

create table runs (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    document_id uuid not null references documents (id) on delete cascade,
    scene_id text not null,
    requested_by uuid not null references users (id),
    idempotency_key text,
    state text not null check (state in ('queued', 'running', 'complete', 'failed', 'cancelled')),
    stage text not null default 'queued',
    pct integer not null default 0 check (pct between 0 and 100),
    epoch integer not null default 0,
    attempt integer not null default 0,
    cancel_requested boolean not null default false,
    milestones integer not null default 0,
    request jsonb not null,
    error jsonb,
    take_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    finished_at timestamptz,
    traceparent text check (length(traceparent) <= 128),
    wish jsonb not null default '{}',
    replays uuid references runs (id) on delete set null,
    cost_microcredits bigint check (cost_microcredits >= 0),
    unique (requested_by, idempotency_key)
);
create index runs_of_scene on runs (document_id, scene_id, created_at desc);
create unique index runs_one_at_a_time on runs (document_id, scene_id) where state in ('queued', 'running');

create index runs_of_project_lately on runs (project_id, created_at desc, id desc);
create index runs_replayed on runs (replays) where replays is not null;

create table steps (
    run_id uuid not null references runs (id) on delete cascade,
    name text not null check (length(name) between 1 and 64),
    kind text not null,
    needs text[] not null,
    params jsonb not null,
    tenant uuid not null,
    lane text not null,
    priority smallint not null,
    state text not null
        check (state in ('waiting', 'ready', 'running', 'parked', 'following', 'done', 'failed', 'cancelled')),
    key text check (key ~ '^[0-9a-f]{64}$'),
    memo jsonb,
    output jsonb,
    error jsonb,
    epoch integer not null default 0,
    attempt integer not null default 0,
    lease_owner text,
    lease_until timestamptz,
    due_at timestamptz not null default now(),
    rung_at timestamptz,
    reused_from uuid,
    created_at timestamptz not null default clock_timestamp(),
    ready_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    keeps_place boolean not null default false,
    layer text check (layer in ('exact', 'component', 'ahead')),
    primary key (run_id, name)
);
create index steps_keeping on steps (lane) where keeps_place and state = 'ready';
create index steps_waiting on steps (tenant, priority desc, ready_at) where state = 'ready';
create index steps_running on steps (lane) where state = 'running';
create index steps_leases on steps (lease_until) where state = 'running';
create index steps_due on steps (due_at) where state = 'ready';
create index steps_of_key on steps (tenant, key) where key is not null;
create index steps_following on steps (run_id) where state = 'following';

create table intents (
    id uuid primary key,
    run_id uuid not null references runs (id) on delete cascade,
    step text not null check (length(step) between 1 and 64),
    item integer not null default 0 check (item >= 0),
    provider text not null,
    model text not null,
    kind text not null check (kind in ('image', 'video', 'voice', 'sound', 'text')),
    duration_s integer,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    state text not null default 'intent'
        check (state in ('intent', 'submitted', 'unknown', 'succeeded', 'failed', 'cancelled')),
    task text,
    most_microcredits bigint not null check (most_microcredits >= 0),
    cost_microcredits bigint check (cost_microcredits >= 0),
    failure jsonb,
    result jsonb,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    looked_at timestamptz,
    check ((state in ('submitted', 'succeeded')) <= (task is not null)),
    check ((state = 'succeeded') = (result is not null))
);
-- No second call of the same item while it is not known what became of the first.
create unique index intents_open on intents (run_id, step, item) where state in ('intent', 'submitted', 'unknown');
create index intents_of_item on intents (run_id, step, item, created_at desc);
create index intents_of_provider on intents (provider) where state = 'submitted';
create index intents_unanswered on intents (created_at) where state = 'intent';

create table provider_deliveries (
    provider text not null,
    delivery text not null check (length(delivery) <= 200),
    at timestamptz not null default now(),
    primary key (provider, delivery)
);
create index provider_deliveries_old on provider_deliveries (at);

create table shares (
    tenant uuid primary key,
    served double precision not null,
    is_waiting boolean not null default false
);
create index shares_waiting on shares (served) where is_waiting;

create table lanes (
    lane text primary key,
    places integer not null check (places >= 0),
    within text references lanes (lane),
    ceiling integer check (ceiling >= 1),
    knee integer check (knee >= 1),
    streak integer not null default 0,
    probes_after integer not null default 20,
    halved_at timestamptz,
    held_until timestamptz,
    constraint lanes_within_ceiling check (ceiling is null or places between 1 and ceiling)
);
create index lanes_within on lanes (within) where within is not null;
create index lanes_shut on lanes (lane) where places = 0 or held_until is not null;

create table routes (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    run_id uuid not null references runs (id) on delete cascade,
    step text not null check (length(step) between 1 and 64),
    turn integer not null check (turn >= 1),
    purpose text not null check (purpose in ('draft', 'final')),
    weights_version integer not null,
    provider text,
    model text,
    shape text,
    price_microcredits bigint check (price_microcredits >= 0),
    reason text not null,
    sentence text not null,
    waits boolean not null,
    explored boolean not null,
    asked jsonb not null,
    judged jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    unique (run_id, step, turn),
    constraint routes_whole check (num_nulls(provider, model, shape, price_microcredits) in (0, 4))
);
create index routes_of_project on routes (project_id);

create table route_observations (
    route_id uuid not null references routes (id) on delete cascade,
    project_id uuid not null references projects (id) on delete cascade,
    kind text not null check (kind in ('took', 'failed', 'shown', 'picked', 'scored')),
    value double precision,
    fault text,
    created_at timestamptz not null default clock_timestamp(),
    primary key (route_id, kind)
);
create index route_observations_of_project on route_observations (project_id);

create table model_speeds (
    provider text not null,
    model text not null,
    shape text not null,
    mean_s double precision not null default 0,
    deviation_s double precision not null default 0,
    count integer not null default 0,
    primary key (provider, model, shape)
);

create table model_records (
    provider text not null,
    model text not null,
    purpose text not null,
    shown integer not null default 0,
    picked integer not null default 0,
    scored integer not null default 0,
    score double precision not null default 0,
    failed integer not null default 0,
    primary key (provider, model, purpose)
);

create table model_policies (
    project_id uuid primary key references projects (id) on delete cascade,
    allow text[],
    deny text[] not null,
    regions text[],
    updated_at timestamptz not null default now()
);

create table media (
    hash text primary key check (hash ~ '^[0-9a-f]{64}$'),
    content_type text not null,
    bytes bigint not null check (bytes >= 0),
    created_at timestamptz not null default now(),
    condemned_at timestamptz
);

create index media_condemned on media (condemned_at) where condemned_at is not null;

create table project_media (
    project_id uuid not null references projects (id) on delete cascade,
    hash text not null references media (hash),
    primary key (project_id, hash)
);

-- Made by a run, or copied with its project; then the original may be gone.
create table takes (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    document_id uuid not null references documents (id) on delete cascade,
    scene_id text not null,
    run_id uuid references runs (id) on delete cascade,
    number integer not null,
    media_hash text not null references media (hash),
    thumb_hash text not null references media (hash),
    frames integer not null check (frames > 0),
    width integer not null,
    height integer not null,
    rate_num integer not null,
    rate_den integer not null,
    provenance jsonb not null,
    created_at timestamptz not null default now(),
    copied_from uuid,
    cost_microcredits bigint check (cost_microcredits >= 0),
    unique (document_id, scene_id, number),
    unique (run_id),
    constraint takes_made_or_copied check ((run_id is null) = (copied_from is not null))
);
create index takes_of_project on takes (project_id, created_at desc, id desc);
create index takes_of_media on takes (media_hash);
create index takes_of_thumb on takes (thumb_hash);

-- What was made for the shots of a run and for its take, as it was judged; also what was not taken, and why.
create table run_outputs (
    run_id uuid not null references runs (id) on delete cascade,
    project_id uuid not null references projects (id) on delete cascade,
    step text not null check (length(step) between 1 and 64),
    media text not null references media (hash),
    accepted boolean not null,
    verdict text not null check (verdict in ('pass', 'warn', 'fail')),
    score double precision not null check (score between 0 and 1),
    report jsonb not null check (jsonb_typeof(report) = 'object'),
    made_at timestamptz not null default now(),
    primary key (run_id, step, media)
);
create index run_outputs_of_project on run_outputs (project_id);
create index run_outputs_of_media on run_outputs (media);

-- What players and pages need beside a take: sprite sheet and its times, waveform, a rendition for HLS.
create table take_parts (
    take_id uuid not null references takes (id) on delete cascade,
    project_id uuid not null references projects (id) on delete cascade,
    name text not null check (length(name) between 1 and 32),
    media text not null references media (hash),
    facts jsonb not null check (jsonb_typeof(facts) = 'object'),
    primary key (take_id, name)
);
create index take_parts_of_project on take_parts (project_id);
create index take_parts_of_media on take_parts (media);

-- Review -----------------------------------------------------------------------------------------

-- What reviewers decide about takes, scenes and cuts. Rows are only added: who thinks otherwise later decides again.
create table review_decisions (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    document_id uuid not null references documents (id) on delete cascade,
    subject text not null check (subject in ('take', 'scene', 'cut')),
    scene_id text,
    take_id uuid references takes (id) on delete cascade,
    verdict text not null check (verdict in ('approved', 'changes')),
    note text not null check (length(note) <= 2000),
    epoch integer not null,
    seq bigint not null,
    decided_by uuid not null references users (id),
    role project_role not null,
    decided_at timestamptz not null default now(),
    check ((subject = 'cut') = (scene_id is null)),
    check ((subject = 'take') = (take_id is not null))
);
create index review_decisions_newest on review_decisions (document_id, decided_at desc, id desc);
create index review_decisions_of_take on review_decisions (take_id) where take_id is not null;
create index review_decisions_of_project on review_decisions (project_id);

create function refuse_to_change_a_decision() returns trigger
language plpgsql
as $$
begin
    raise exception 'what was decided stays as it was' using errcode = 'insufficient_privilege';
end
$$;
create trigger review_decisions_stay before update on review_decisions
    for each statement execute function refuse_to_change_a_decision();

-- Assets: files that people bring -----------------------------------------------------------------

-- Files on their way (tus 1.0). `handle` and `parts`: what the store calls them; `head`: the first bytes, of which the
-- type is told; `hold`: counts those who wrote, so that only the newest may. The asset that it becomes has its id.
create table uploads (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    user_id uuid not null references users (id),
    name text not null check (length(name) between 1 and 255),
    metadata text not null check (length(metadata) <= 4096),
    bytes_all bigint not null check (bytes_all > 0),
    bytes_here bigint not null default 0 check (bytes_here between 0 and bytes_all),
    handle text not null,
    parts text[] not null default '{}',
    head bytea not null default '',
    content_type text,
    state text not null default 'open' check (state in ('open', 'whole', 'refused')),
    hold integer not null default 0,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
);
create index uploads_of_user on uploads (user_id) where state = 'open';
create index uploads_of_project on uploads (project_id);
create index uploads_expiring on uploads (expires_at);

-- `hash` is null until a worker has read the whole file. The row is its job, too: state, lease and progress.
create table assets (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    created_by uuid not null references users (id),
    name text not null check (length(name) between 1 and 255),
    kind text not null check (kind in ('picture', 'sound', 'film', 'subtitle', 'lut', 'document')),
    content_type text not null,
    bytes bigint not null check (bytes > 0),
    hash text references media (hash),
    state text not null default 'waiting' check (state in ('waiting', 'working', 'ready', 'failed')),
    stage text not null default 'waiting',
    pct integer not null default 0 check (pct between 0 and 100),
    epoch integer not null default 0,
    attempt integer not null default 0,
    lease_owner text,
    lease_until timestamptz,
    error jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    check (state <> 'ready' or hash is not null),
    check ((state = 'failed') = (error is not null))
);
create index assets_newest on assets (project_id, id desc) where deleted_at is null;
create index assets_unfinished on assets (created_at) where state in ('waiting', 'working');
create index assets_of_media on assets (hash);
create index assets_deleted on assets (deleted_at) where deleted_at is not null;

-- What was found out about a file and made of it, once for everybody who has it.
create table media_parts (
    source text not null references media (hash),
    part text not null check (part in ('probe', 'thumb', 'sprite', 'peaks', 'proxy')),
    made text references media (hash),
    facts jsonb not null,
    finished_at timestamptz not null default now(),
    primary key (source, part)
);
create index media_parts_made on media_parts (made);

-- Hashes that stand anywhere in the log of a document: whatever history may bring back.
create table media_mentions (
    hash text not null,
    document_id uuid not null references documents (id) on delete cascade,
    primary key (hash, document_id)
);

-- How far the log of a document was searched for them.
create table mention_scans (
    document_id uuid primary key references documents (id) on delete cascade,
    epoch integer not null,
    seq bigint not null
);

-- Continuity -----------------------------------------------------------------------------------

-- Who appears in a project's scenes, and what keeps them the same from scene to scene.
create table characters (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    name text not null check (length(name) between 1 and 255),
    face vector(512),
    appearance jsonb not null default '{}' check (jsonb_typeof(appearance) = 'object'),
    voice_hash text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    purge_began_at timestamptz,
    unique (project_id, id),
    foreign key (project_id, voice_hash) references project_media (project_id, hash)
);
create index characters_by_name on characters (project_id, name, id) where deleted_at is null;
create index characters_deleted on characters (deleted_at) where deleted_at is not null;

-- Reference pictures in order; only what the project has.
create table character_images (
    project_id uuid not null references projects (id) on delete cascade,
    character_id uuid not null,
    position integer not null check (position >= 0),
    hash text not null,
    primary key (character_id, position),
    unique (character_id, hash),
    foreign key (project_id, character_id) references characters (project_id, id) on delete cascade,
    foreign key (project_id, hash) references project_media (project_id, hash)
);
create index character_images_of_media on character_images (project_id, hash);
create index character_images_of_hash on character_images (hash);

-- Copies of projects -----------------------------------------------------------------------------

-- The copy is a project from the beginning, marked as deleted until it is whole: nobody finds it before, and one that is
-- given up is purged like any other.
create table duplications (
    id uuid primary key,
    source_id uuid not null references projects (id) on delete cascade,
    target_id uuid not null unique references projects (id) on delete cascade,
    asked_by uuid not null references users (id),
    with_media boolean not null,
    state text not null default 'queued' check (state in ('queued', 'running', 'complete', 'failed', 'cancelled')),
    done integer not null default 0 check (done >= 0),
    total integer not null default 0 check (total >= done),
    epoch integer not null default 0,
    attempt integer not null default 0,
    lease_owner text,
    lease_until timestamptz,
    error jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    finished_at timestamptz,
    check ((state = 'failed') = (error is not null))
);
create index duplications_unfinished on duplications (created_at) where state in ('queued', 'running');
create index duplications_of_source on duplications (source_id);
create index duplications_of_asker on duplications (asked_by) where state in ('queued', 'running');

-- Credits ----------------------------------------------------------------------------------------

-- Amounts are micro-credits. Every holder has accounts of their own, also those of the house, the providers and the
-- promotions as far as they concern that holder: nobody waits for the row of a stranger. `name`: which provider.
create table ledger_accounts (
    id bigint primary key generated always as identity,
    holder_kind text not null check (holder_kind in ('user', 'team', 'project')),
    holder_id uuid not null,
    kind text not null check (
        kind in ('wallet', 'held', 'payable', 'house', 'provider', 'promotions', 'purchases', 'payouts')
    ),
    name text not null default '' check (length(name) <= 64),
    balance bigint not null default 0,
    month_cap bigint check (month_cap >= 0),
    unique (holder_id, kind, name),
    constraint ledger_accounts_named_by_provider check ((kind = 'provider') = (name <> '')),
    constraint ledger_accounts_not_overdrawn check (kind not in ('wallet', 'held', 'payable') or balance >= 0),
    constraint ledger_accounts_capped_wallets check (month_cap is null or kind = 'wallet')
);

-- `key`: what makes it happen once. What it is about may be gone: money outlives films.
create table ledger_journals (
    id bigint primary key generated always as identity,
    key text not null unique check (length(key) between 1 and 200),
    kind text not null check (
        kind in ('purchase', 'grant', 'hold', 'settlement', 'release', 'expiry', 'refund', 'transfer', 'sale', 'payout')
    ),
    at timestamptz not null default clock_timestamp(),
    hold_id uuid,
    project_id uuid,
    run_id uuid,
    user_id uuid,
    detail jsonb not null default '{}' check (jsonb_typeof(detail) = 'object')
);
create index ledger_journals_by_time on ledger_journals (at);
create index ledger_journals_of_hold on ledger_journals (hold_id) where hold_id is not null;

-- `balance`: of the account behind the entry. Both are written by the trigger below and by nothing else.
create table ledger_entries (
    account_id bigint not null references ledger_accounts (id),
    journal_id bigint not null references ledger_journals (id),
    amount bigint not null check (amount <> 0 and abs(amount) <= 1000000000000000),
    balance bigint not null default 0,
    primary key (account_id, journal_id)
);
create index ledger_entries_of_journal on ledger_entries (journal_id);

create function post_ledger_entry() returns trigger
language plpgsql
as $$
begin
    update ledger_accounts set balance = balance + new.amount where id = new.account_id returning balance into new.balance;
    return new;
end
$$;
create trigger ledger_entries_move_balances
    before insert on ledger_entries
    for each row execute function post_ledger_entry();

-- At the commit: each journal has entries and they sum to zero, those that were added to an old one as well.
create function refuse_unbalanced_journal() returns trigger
language plpgsql
as $$
declare
    journal bigint;
    total numeric;
begin
    if tg_table_name = 'ledger_journals' then
        journal := new.id;
    else
        journal := new.journal_id;
    end if;
    select sum(amount) into total from ledger_entries where journal_id = journal;
    if total is distinct from 0 then
        raise exception 'journal % does not balance: %', journal, coalesce(total::text, 'no entries')
            using errcode = 'check_violation', constraint = 'ledger_journals_balance';
    end if;
    return null;
end
$$;
create constraint trigger ledger_journals_balance
    after insert on ledger_journals
    deferrable initially deferred
    for each row execute function refuse_unbalanced_journal();
create constraint trigger ledger_entries_balance
    after insert on ledger_entries
    deferrable initially deferred
    for each row execute function refuse_unbalanced_journal();

create function refuse_to_change_ledger() returns trigger
language plpgsql
as $$
begin
    raise exception 'the ledger is only appended to' using errcode = 'insufficient_privilege';
end
$$;
create trigger ledger_journals_are_append_only
    before update or delete or truncate on ledger_journals
    for each statement execute function refuse_to_change_ledger();
create trigger ledger_entries_are_append_only
    before update or delete or truncate on ledger_entries
    for each statement execute function refuse_to_change_ledger();
create trigger ledger_accounts_stay
    before delete or truncate on ledger_accounts
    for each statement execute function refuse_to_change_ledger();
create trigger ledger_accounts_begin_empty
    before insert on ledger_accounts
    for each row when (new.balance <> 0) execute function refuse_to_change_ledger();
-- Depth 0: somebody's own statement, and not that of `post_ledger_entry`.
create trigger ledger_accounts_move_by_entries
    before update on ledger_accounts
    for each row
    when (
        pg_trigger_depth() = 0 and (new.id, new.holder_kind, new.holder_id, new.kind, new.name, new.balance)
            is distinct from (old.id, old.holder_kind, old.holder_id, old.kind, old.name, old.balance)
    )
    execute function refuse_to_change_ledger();

-- The most that something may cost, taken out of a wallet until it is known. `period`: the month it is counted in.
-- `saved`: what it would have cost without a cache.
create table credit_holds (
    id uuid primary key,
    key text not null unique check (length(key) between 1 and 150),
    holder_kind text not null check (holder_kind in ('user', 'team', 'project')),
    holder_id uuid not null,
    project_id uuid not null,
    user_id uuid not null,
    run_id uuid,
    amount bigint not null check (amount between 0 and 1000000000000000),
    state text not null default 'open' check (state in ('open', 'settled', 'released', 'expired')),
    actual bigint check (actual between 0 and amount),
    saved bigint not null default 0 check (saved >= 0),
    period text not null check (period ~ '^[0-9]{4}-[0-9]{2}$'),
    made_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    check ((state = 'open') = (ended_at is null)),
    check ((state = 'settled') = (actual is not null))
);
create index credit_holds_expiring on credit_holds (expires_at) where state = 'open';
create index credit_holds_of_project on credit_holds (project_id, id desc);
create index credit_holds_of_run on credit_holds (run_id) where run_id is not null;
create index credit_holds_of_holder on credit_holds (holder_id) where state = 'open';

-- What a run did not cost because something was there already. Of the wallet that would have paid; no money moved.
create table credit_savings (
    id bigint primary key generated always as identity,
    run_id uuid not null,
    what text not null check (length(what) between 1 and 64),
    layer text not null check (layer in ('exact', 'semantic', 'component', 'ahead')),
    holder_kind text not null check (holder_kind in ('user', 'team', 'project')),
    holder_id uuid not null,
    project_id uuid not null,
    user_id uuid not null,
    amount bigint not null check (amount between 1 and 1000000000000000),
    at timestamptz not null default now(),
    unique (run_id, what)
);
create index credit_savings_of_holder on credit_savings (holder_id, at);
create trigger credit_savings_are_append_only
    before update or delete or truncate on credit_savings
    for each statement execute function refuse_to_change_ledger();

-- What is held and spent, as budgets count it. `subject_id`: a project, a run or the holder of a wallet; `person_id`:
-- zero for everybody together; `period`: a month, or `always`.
create table credit_usage (
    subject_id uuid not null,
    person_id uuid not null default '00000000-0000-0000-0000-000000000000',
    period text not null check (period = 'always' or period ~ '^[0-9]{4}-[0-9]{2}$'),
    used bigint not null check (used >= 0),
    primary key (subject_id, person_id, period)
);

-- Hard caps of a project: on itself, on each person in it or on one (`person_id`), on each of its runs.
create table credit_budgets (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    scope text not null check (scope in ('project', 'person', 'run')),
    person_id uuid references users (id),
    period text not null check (period in ('month', 'always')),
    cap bigint not null check (cap between 0 and 1000000000000000),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint credit_budgets_once unique nulls not distinct (project_id, scope, person_id, period),
    constraint credit_budgets_of_persons check (person_id is null or scope = 'person'),
    constraint credit_budgets_of_runs check (scope <> 'run' or period = 'always')
);

-- Whose wallet pays for a project, where that is not its owner's.
create table project_payers (
    project_id uuid primary key references projects (id) on delete cascade,
    holder_kind text not null check (holder_kind in ('user', 'team', 'project')),
    holder_id uuid not null
);

-- Credits that are bought: what was asked for, and how it stands with whoever takes the money.
create table credit_purchases (
    id uuid primary key,
    holder_kind text not null check (holder_kind in ('user', 'team', 'project')),
    holder_id uuid not null,
    bought_by uuid not null references users (id),
    pack text not null,
    amount bigint not null check (amount between 1 and 1000000000000000),
    cents integer not null check (cents > 0),
    cashier text not null check (length(cashier) between 1 and 32),
    state text not null default 'open' check (state in ('open', 'paid', 'refunded', 'cancelled')),
    checkout text unique check (length(checkout) <= 255),
    payment text unique check (length(payment) <= 255),
    created_at timestamptz not null default now(),
    paid_at timestamptz,
    ended_at timestamptz,
    check ((state in ('paid', 'refunded')) = (paid_at is not null and payment is not null))
);
create index credit_purchases_of_holder on credit_purchases (holder_id, id desc);

-- Verdicts and appeals ----------------------------------------------------------------------------

-- What was judged, by which policy and by whom, and how it came out; and what people say against it. A verdict never
-- changes: one that is overturned has a decided appeal.

create table safety_verdicts (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    asked_by uuid not null references users (id),
    subject text not null check (subject in ('prompt', 'output')),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    media text references media (hash),
    run_id uuid references runs (id) on delete set null,
    safety text not null check (length(safety) between 1 and 32),
    policy text not null check (length(policy) between 1 and 64),
    outcome text not null check (outcome in ('allowed', 'flagged', 'refused')),
    opinions jsonb not null check (jsonb_typeof(opinions) = 'array'),
    created_at timestamptz not null default now(),
    check ((subject = 'output') = (media is not null))
);
create index safety_verdicts_newest on safety_verdicts (project_id, created_at desc, id desc);
create index safety_verdicts_of_subject on safety_verdicts (project_id, subject, digest);
create index safety_verdicts_of_media on safety_verdicts (media) where media is not null;
create index safety_verdicts_of_run on safety_verdicts (run_id) where run_id is not null;

create table safety_appeals (
    verdict_id uuid primary key references safety_verdicts (id) on delete cascade,
    project_id uuid not null references projects (id) on delete cascade,
    made_by uuid not null references users (id),
    words text not null check (length(words) between 1 and 2000),
    made_at timestamptz not null default now(),
    state text not null default 'open' check (state in ('open', 'upheld', 'overturned')),
    decided_by uuid references users (id),
    decided_at timestamptz,
    note text check (length(note) between 1 and 2000),
    check ((state = 'open') = (decided_by is null)),
    check ((state = 'open') = (decided_at is null)),
    check ((state = 'open') = (note is null))
);
create index safety_appeals_open on safety_appeals (made_at, verdict_id) where state = 'open';
create index safety_appeals_of_project on safety_appeals (project_id);

-- Media that anything refers to --------------------------------------------------------------------

-- What is in no row of it may be collected (services/assets/collection.py): a table that refers to media is named here.
create view media_uses as
select hash from assets
union all
select media_hash from takes
union all
select thumb_hash from takes
union all
select made from media_parts
union all
select hash from media_mentions
union all
select voice_hash from characters
union all
select hash from character_images
union all
select media from safety_verdicts
union all
select media from run_outputs
union all
select media from take_parts;

-- Brains -------------------------------------------------------------------------------------

-- Looks that teams make. What a version says never changes: scenes name the version that they were made with.

create table brains (
    id uuid primary key,
    team_id uuid not null references teams (id) on delete cascade,
    created_by uuid not null references users (id),
    created_at timestamptz not null default now(),
    deleted_at timestamptz
);
create index brains_of_team on brains (team_id, id) where deleted_at is null;

create table brain_versions (
    brain_id uuid not null references brains (id) on delete cascade,
    version integer not null check (version between 1 and 1000),
    record jsonb not null check (jsonb_typeof(record) = 'object'),
    created_by uuid not null references users (id),
    created_at timestamptz not null default now(),
    primary key (brain_id, version)
);

create function refuse_to_change_brain_version() returns trigger
language plpgsql
as $$
begin
    raise exception 'a version of a brain is never changed' using errcode = 'insufficient_privilege';
end
$$;
create trigger brain_versions_never_change
    before update on brain_versions
    for each row execute function refuse_to_change_brain_version();

-- The second wall ----------------------------------------------------------------------------

-- What was made and may be used again: takes that may be offered for another prompt, components, and what was decided.
create table cached_takes (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    partition text not null check (partition ~ '^[0-9a-f]{64}$'),
    key text not null check (key ~ '^[0-9a-f]{64}$'),
    stage text not null check (length(stage) between 1 and 64),
    prompt text not null,
    slots jsonb not null,
    output jsonb not null,
    cost_microcredits bigint not null check (cost_microcredits >= 0),
    made_at timestamptz not null default now(),
    is_placed boolean not null default false,
    unique (project_id, partition, key)
);
create index cached_takes_old on cached_takes (made_at);
create index cached_takes_unplaced on cached_takes (project_id, partition) where not is_placed;

-- Found by exact search within a partition, which is small: no approximate index, so nothing near is missed.
create table cached_vectors (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    partition text not null,
    vector vector(512) not null
);
create index cached_vectors_of_partition on cached_vectors (project_id, partition);

create table cached_components (
    project_id uuid not null references projects (id) on delete cascade,
    kind text not null check (kind in ('character', 'background', 'voice')),
    key text not null check (key ~ '^[0-9a-f]{64}$'),
    output jsonb not null,
    cost_microcredits bigint not null check (cost_microcredits >= 0),
    made_at timestamptz not null default now(),
    primary key (project_id, kind, key)
);

-- Why a take was offered, or not. `differences`: of the nearest one that was refused.
create table cache_decisions (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    partition text not null,
    key text not null,
    stage text not null,
    verdict text not null check (verdict in ('offered', 'differs', 'nothing_near', 'unreadable', 'away')),
    take_id uuid,
    score double precision,
    threshold double precision not null,
    nominated integer not null check (nominated >= 0),
    differences jsonb not null,
    saves_microcredits bigint not null check (saves_microcredits >= 0),
    answer text check (answer in ('accepted', 'declined')),
    answered_at timestamptz,
    shadow text check (shadow in ('wanted', 'same', 'different')),
    decided_at timestamptz not null default now(),
    run_id uuid
);
create index cache_decisions_of_project on cache_decisions (project_id, id desc);
create index cache_decisions_of_run on cache_decisions (run_id) where run_id is not null;
create index cache_decisions_old on cache_decisions (decided_at);

-- A day's figures, for the ledger and for people. Nothing here is money itself.
create table cache_figures (
    project_id uuid not null references projects (id) on delete cascade,
    day date not null,
    layer text not null check (layer in ('exact', 'semantic', 'component', 'ahead', 'none')),
    stage text not null,
    requests bigint not null,
    spent_microcredits bigint not null,
    saved_microcredits bigint not null,
    primary key (project_id, day, layer, stage)
);

create table cache_policies (
    project_id uuid primary key references projects (id) on delete cascade,
    mode text not null check (mode in ('off', 'exact', 'suggest')),
    prepares_ahead boolean not null,
    changed_at timestamptz not null default now()
);

-- A second wall under `services/users/access.py` (decision 22): what somebody reads over HTTP is read as this role,
-- which sees only the projects in which `storyforge.actor` has a standing. Everything else works as the owner.
do $$
begin
    if not exists (select from pg_roles where rolname = 'storyforge_app') then
        create role storyforge_app nologin;
    end if;
    if not pg_has_role(current_user, 'storyforge_app', 'usage') then
        execute format('grant storyforge_app to %I', current_user);
    end if;
    execute format('grant usage on schema %I to storyforge_app', current_schema());
    execute format('grant select, insert, update, delete on all tables in schema %I to storyforge_app', current_schema());
    execute format(
        'alter default privileges in schema %I grant select, insert, update, delete on tables to storyforge_app',
        current_schema()
    );
end
$$;

-- As the owner, who sees every grant. Asked once a statement, not once a row. `storyforge.held`: what somebody was in when
-- their request borrowed the connection, though they leave by it; `storyforge.founding`: a project that has nobody yet.
create function visible_projects() returns uuid[]
language sql
stable
security definer
set search_path from current
as $$
    select coalesce(array_agg(distinct seen.id), '{}')
    from (
        select g.project_id as id
        from project_grants g
        where g.user_id = nullif(current_setting('storyforge.actor', true), '')::uuid
        union all
        select unnest(string_to_array(nullif(current_setting('storyforge.held', true), ''), ',')::uuid[])
        union all
        select f.id
        from (select nullif(current_setting('storyforge.founding', true), '')::uuid as id) f
        where not exists (select from project_members m where m.project_id = f.id)
          and not exists (select from project_teams t where t.project_id = f.id)
    ) seen
    where seen.id is not null
$$;

-- Sockets and streams look again at everything that somebody else is in; whoever says so sees none of it.
create function raise_access_of_user(asked uuid) returns void
language sql
security definer
set search_path from current
as $$
    update projects p
    set access_version = p.access_version + 1
    from (
        select q.id
        from projects q
        where q.id in (select g.project_id from project_grants g where g.user_id = asked)
        order by q.id
        for no key update
    ) theirs
    where p.id = theirs.id
$$;

create function raise_access_of_team(asked uuid) returns void
language sql
security definer
set search_path from current
as $$
    update projects p
    set access_version = p.access_version + 1
    from (
        select q.id
        from projects q
        where q.id in (
            select t.project_id from project_teams t where t.team_id = asked
            union
            select e.project_id from episode_teams e where e.team_id = asked
        )
        order by q.id
        for no key update
    ) theirs
    where p.id = theirs.id
$$;

-- Those of which all episodes are seen.
create function whole_projects() returns uuid[]
language sql
stable
security definer
set search_path from current
as $$
    select coalesce(array_agg(distinct g.project_id), '{}')
    from project_grants g
    where g.user_id = nullif(current_setting('storyforge.actor', true), '')::uuid and g.episode_id is null
$$;

-- Those that are seen for themselves.
create function visible_episodes() returns uuid[]
language sql
stable
security definer
set search_path from current
as $$
    select coalesce(array_agg(distinct g.episode_id) filter (where g.episode_id is not null), '{}')
    from project_grants g
    where g.user_id = nullif(current_setting('storyforge.actor', true), '')::uuid
$$;

create function documents_of_visible_episodes() returns uuid[]
language sql
stable
security definer
set search_path from current
as $$
    select coalesce(array_agg(d.id), '{}') from documents d where d.episode_id = any((select visible_episodes())::uuid[])
$$;

do $$
declare
    walled text;
begin
    foreach walled in array array[
        'project_members', 'project_teams', 'share_links', 'project_events', 'seasons',
        'project_media', 'uploads', 'assets', 'characters', 'character_images', 'credit_holds', 'credit_savings', 'credit_budgets',
        'project_payers', 'episode_members', 'episode_teams',
        'cached_takes', 'cached_vectors', 'cached_components', 'cache_decisions', 'cache_figures', 'cache_policies',
        'safety_verdicts', 'safety_appeals', 'run_outputs', 'take_parts'
    ] loop
        execute format('alter table %I enable row level security', walled);
        execute format(
            'create policy of_the_actor on %I to storyforge_app'
            ' using (project_id = any((select visible_projects())::uuid[]))',
            walled
        );
    end loop;
    foreach walled in array array['scenes', 'texts', 'runs', 'takes', 'review_decisions'] loop
        execute format('alter table %I enable row level security', walled);
        execute format(
            'create policy of_the_actor on %I to storyforge_app using ('
            'project_id = any((select whole_projects())::uuid[])'
            ' or document_id = any((select documents_of_visible_episodes())::uuid[]))',
            walled
        );
    end loop;
    foreach walled in array array[
        'document_log', 'document_segments', 'moved_batches', 'gesture_answers', 'document_clients',
        'document_snapshots', 'document_versions', 'proposals', 'shots', 'tracks', 'clips', 'markers', 'cuts',
        'media_mentions', 'mention_scans'
    ] loop
        execute format('alter table %I enable row level security', walled);
        execute format(
            'create policy of_the_actor on %I to storyforge_app using (document_id in (select d.id from documents d))',
            walled
        );
    end loop;
end
$$;
alter table projects enable row level security;
create policy of_the_actor on projects to storyforge_app using (id = any((select visible_projects())::uuid[]));
alter table episodes enable row level security;
create policy of_the_actor on episodes to storyforge_app using (
    project_id = any((select whole_projects())::uuid[]) or id = any((select visible_episodes())::uuid[])
);
alter table documents enable row level security;
create policy of_the_actor on documents to storyforge_app using (
    project_id = any((select whole_projects())::uuid[]) or episode_id = any((select visible_episodes())::uuid[])
);
alter table model_policies enable row level security;
create policy of_the_actor on model_policies to storyforge_app
    using (project_id = any((select visible_projects())::uuid[]));
alter table routes enable row level security;
create policy of_the_actor on routes to storyforge_app using (run_id in (select r.id from runs r));
alter table route_observations enable row level security;
create policy of_the_actor on route_observations to storyforge_app using (route_id in (select r.id from routes r));
-- Those of a team are of no project.
alter table invitations enable row level security;
create policy of_the_actor on invitations to storyforge_app using (
    project_id = any((select visible_projects())::uuid[])
    or team_id in (
        select m.team_id from team_members m
        where m.user_id = nullif(current_setting('storyforge.actor', true), '')::uuid
    )
);
