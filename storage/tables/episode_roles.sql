-- name: people
-- `project_role`: what they are in the whole project, or null.
select m.user_id, u.name, u.email, u.colour, u.kind, m.role::text, p.role::text as project_role
  from episode_members m
  join users u on u.id = m.user_id
  left join project_members p on p.project_id = m.project_id and p.user_id = m.user_id
 where m.project_id = $1 and m.episode_id = $2
 order by u.name, u.id;

-- name: teams
select e.team_id, t.name, e.role::text, p.role::text as project_role,
       (select count(*) from team_members o where o.team_id = t.id) as members
  from episode_teams e
  join teams t on t.id = e.team_id
  left join project_teams p on p.project_id = e.project_id and p.team_id = e.team_id
 where e.project_id = $1 and e.episode_id = $2
 order by t.name, t.id;

-- name: role_of_person
-- In the whole project: the role of a member; '' for whoever has one in single episodes only.
select coalesce(
    (select m.role::text from project_members m where m.project_id = $1 and m.user_id = $2),
    (select '' from episode_members e where e.project_id = $1 and e.user_id = $2 limit 1)
);

-- name: set_person
insert into episode_members (project_id, episode_id, user_id, role) values ($1, $2, $3, $4::text::project_role)
    on conflict (episode_id, user_id) do update set role = excluded.role;

-- name: remove_person
delete from episode_members where project_id = $1 and episode_id = $2 and user_id = $3 returning user_id;

-- name: set_team
insert into episode_teams (project_id, episode_id, team_id, role) values ($1, $2, $3, $4::text::project_role)
    on conflict (episode_id, team_id) do update set role = excluded.role;

-- name: remove_team
delete from episode_teams where project_id = $1 and episode_id = $2 and team_id = $3 returning team_id;

-- name: role_of_team
select role::text from project_teams where project_id = $1 and team_id = $2;
