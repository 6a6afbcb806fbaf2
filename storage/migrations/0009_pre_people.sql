-- Teams, invitations, share links and service accounts; and in one view what gives somebody a role.

-- In the order of their strength, so that `max` is the strongest.
create type project_role as enum ('viewer', 'commenter', 'editor', 'owner');
alter table project_members drop constraint project_members_role_check;
alter table project_members alter column role type project_role using role::project_role;

-- Only people have an address; a guest is whoever came by a share link, a service is a program.
alter table users alter column email drop not null;
alter table users add column kind text not null default 'person' check (kind in ('person', 'service', 'guest'));
alter table users add constraint users_email_of_people check ((kind = 'person') = (email is not null));

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
    project_id uuid not null references projects (id),
    team_id uuid not null references teams (id) on delete cascade,
    role project_role not null,
    primary key (project_id, team_id)
);
create index project_teams_of_team on project_teams (team_id);

-- To a project or to a team. The token itself is only in the mail that was sent.
create table invitations (
    id uuid primary key,
    project_id uuid references projects (id),
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
    check (num_nonnulls(project_id, team_id) = 1),
    check (
        case
            when team_id is null then role in ('owner', 'editor', 'commenter', 'viewer')
            else role in ('owner', 'admin', 'member')
        end
    ),
    check ((state = 'open') = (decided_at is null))
);
create unique index invitations_open_of_project on invitations (project_id, email) where state = 'open';
create unique index invitations_open_of_team on invitations (team_id, email) where state = 'open';

-- `wrong_count` passwords were wrong since `wrong_since`.
create table share_links (
    id uuid primary key,
    project_id uuid not null references projects (id),
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
    link_id uuid not null references share_links (id),
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
    project_id uuid references projects (id),
    created_by uuid not null references users (id),
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    used_at timestamptz
);
create index api_keys_of_account on api_keys (user_id, id desc);

-- Everything that gives somebody a role in a project: the one rule for every door. `until`: when it ends by itself.
create view project_grants as
select m.project_id, m.user_id, m.role, true as can_download, m.role >= 'commenter' as can_approve,
       null::timestamptz as until
from project_members m
union all
select t.project_id, m.user_id, t.role, true, t.role >= 'commenter', null
from project_teams t
join team_members m on m.team_id = t.team_id
union all
select l.project_id, g.user_id, case when l.can_comment then 'commenter' else 'viewer' end::project_role,
       l.can_download, l.can_approve, l.expires_at
from share_links l
join share_guests g on g.link_id = l.id
where l.revoked_at is null and (l.expires_at is null or l.expires_at > now());

-- The strongest of them. One row; `role` is null for a stranger.
create function standing_in(asked_project uuid, asked_user uuid)
returns table (role text, can_download boolean, can_approve boolean, until timestamptz)
language sql
stable
as $$
    select max(g.role)::text, coalesce(bool_or(g.can_download), false), coalesce(bool_or(g.can_approve), false),
           min(g.until)
    from project_grants g
    where g.project_id = asked_project and g.user_id = asked_user
$$;
