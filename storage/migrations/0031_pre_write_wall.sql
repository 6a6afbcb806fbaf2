-- The second wall for writes too (decision 35): every request works as `storyforge_app`. What somebody was in when their
-- request borrowed the connection they may still finish writing in it (`storyforge.held`), though they leave by it; and a
-- project that is being founded has nobody yet (`storyforge.founding`).
create or replace function visible_projects() returns uuid[]
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

-- Those of a team are of no project.
alter policy of_the_actor on invitations using (
    project_id = any((select visible_projects())::uuid[])
    or team_id in (
        select m.team_id from team_members m
        where m.user_id = nullif(current_setting('storyforge.actor', true), '')::uuid
    )
);
