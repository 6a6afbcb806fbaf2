-- Roles of one episode (decision 35). Beside a role in the project it narrows that one; alone it gives the episode and
-- nothing else of the project. Nobody owns an episode.

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

alter table invitations
    add column episode_id uuid,
    add constraint invitations_episode_of_project check (episode_id is null or project_id is not null and role <> 'owner'),
    add foreign key (project_id, episode_id) references episodes (project_id, id) on delete cascade;
create index invitations_of_episode on invitations (project_id, episode_id) where episode_id is not null;

-- What an event is about; null: the project. Whoever has a role in other episodes only is not told what it says.
alter table project_events add column episode_id uuid;

-- Everything that gives somebody a role in a project: the one rule for every door. `until`: when it ends by itself.
-- `episode_id` null: in all of it; else what it gives of the project is a look at what its episodes share.
create or replace view project_grants as
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

drop function standing_in(uuid, uuid);

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
    foreach walled in array array['episode_members', 'episode_teams'] loop
        execute format('alter table %I enable row level security', walled);
        execute format(
            'create policy of_the_actor on %I to storyforge_app'
            ' using (project_id = any((select visible_projects())::uuid[]))',
            walled
        );
    end loop;
    foreach walled in array array['scenes', 'texts', 'runs', 'takes'] loop
        execute format(
            'alter policy of_the_actor on %I using ('
            'project_id = any((select whole_projects())::uuid[])'
            ' or document_id = any((select documents_of_visible_episodes())::uuid[]))',
            walled
        );
    end loop;
end
$$;
alter policy of_the_actor on episodes using (
    project_id = any((select whole_projects())::uuid[]) or id = any((select visible_episodes())::uuid[])
);
alter policy of_the_actor on documents using (
    project_id = any((select whole_projects())::uuid[]) or episode_id = any((select visible_episodes())::uuid[])
);
