-- name: add_team
insert into teams (id, name, created_by) values ($1, $2, $3);

-- name: count_of_creator
select count(*) from teams where created_by = $1;

-- name: rename_team
update teams set name = $2 where id = $1;

-- name: delete_team
delete from teams where id = $1;

-- name: lock_team
select id from teams where id = $1 for no key update;

-- name: teams_of_user
select t.id, t.name, t.created_at, m.role, (select count(*) from team_members o where o.team_id = t.id) as members
  from team_members m
  join teams t on t.id = m.team_id
 where m.user_id = $1
 order by t.name, t.id
 limit $2;

-- name: team_of_user
select t.id, t.name, t.created_at, m.role, (select count(*) from team_members o where o.team_id = t.id) as members
  from team_members m
  join teams t on t.id = m.team_id
 where m.team_id = $1 and m.user_id = $2;

-- name: team_members
select m.user_id, m.role, u.kind, u.name, u.email, u.colour
  from team_members m
  join users u on u.id = m.user_id
 where m.team_id = $1
 order by u.name, u.id;

-- name: set_team_member
insert into team_members (team_id, user_id, role) values ($1, $2, $3)
    on conflict (team_id, user_id) do update set role = excluded.role;

-- name: remove_team_member
delete from team_members where team_id = $1 and user_id = $2 returning user_id;

-- name: bump_access_of_team
-- In the order of ids, so that two changes never wait for each other in a circle.
select raise_access_of_team($1);

-- name: teams_of_project
select p.team_id, t.name, p.role::text, (select count(*) from team_members o where o.team_id = t.id) as members
  from project_teams p
  join teams t on t.id = p.team_id
 where p.project_id = $1
 order by t.name, t.id;

-- name: set_project_team
-- As `set_member`.
with replaced as (
    delete from episode_teams e
     where e.project_id = $1 and e.team_id = $2
       and not exists (select from project_teams t where t.project_id = $1 and t.team_id = $2)
)
insert into project_teams (project_id, team_id, role) values ($1, $2, $3::text::project_role)
    on conflict (project_id, team_id) do update set role = excluded.role;

-- name: remove_project_team
-- With what narrowed it in episodes.
with narrowed as (delete from episode_teams where project_id = $1 and team_id = $2)
delete from project_teams where project_id = $1 and team_id = $2 returning team_id;
