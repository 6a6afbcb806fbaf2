-- name: of_project
select allow, deny, regions from model_policies where project_id = $1;

-- name: put
insert into model_policies (project_id, allow, deny, regions) values ($1, $2, $3, $4)
on conflict (project_id) do update
   set allow = excluded.allow, deny = excluded.deny, regions = excluded.regions, updated_at = now();
