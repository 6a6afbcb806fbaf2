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

-- As the owner, who sees every grant. Asked once a statement, not once a row.
create function visible_projects() returns uuid[]
language sql
stable
security definer
set search_path from current
as $$
    select coalesce(array_agg(distinct g.project_id), '{}')
    from project_grants g
    where g.user_id = nullif(current_setting('storyforge.actor', true), '')::uuid
$$;

do $$
declare
    walled text;
begin
    foreach walled in array array[
        'project_members', 'project_teams', 'invitations', 'share_links', 'project_events', 'seasons', 'episodes',
        'documents', 'scenes', 'texts', 'runs', 'takes', 'project_media', 'uploads', 'assets', 'characters',
        'character_images'
    ] loop
        execute format('alter table %I enable row level security', walled);
        execute format(
            'create policy of_the_actor on %I to storyforge_app'
            ' using (project_id = any((select visible_projects())::uuid[]))',
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
