-- name: add
-- What was said already stays as it was said.
insert into credit_savings (run_id, what, layer, holder_kind, holder_id, project_id, user_id, amount)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (run_id, what) do nothing;

-- name: of_holder
select s.id, s.at, s.layer, s.what, s.amount, s.project_id, projects.title, s.run_id, users.name
  from credit_savings s
  left join projects on projects.id = s.project_id
  left join users on users.id = s.user_id
 where s.holder_id = $1 and s.at >= $2 and s.at < $3
 order by s.id desc
 limit $4;
