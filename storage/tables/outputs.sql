-- name: add_output
insert into run_outputs (run_id, project_id, step, media, accepted, verdict, score, report)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict do nothing;

-- name: outputs_of_run
select run_id, project_id, step, media, accepted, verdict, score, report, made_at from run_outputs
 where run_id = $1
 order by made_at, step, media;

-- name: add_part
insert into take_parts (take_id, project_id, name, media, facts) values ($1, $2, $3, $4, $5) on conflict do nothing;

-- name: share_parts
insert into take_parts (take_id, project_id, name, media, facts)
select $2, project_id, name, media, facts from take_parts where take_id = $1
on conflict do nothing;

-- name: parts_of_takes
select p.take_id, p.name, p.media, p.facts, m.content_type, m.bytes
  from take_parts p join media m on m.hash = p.media
 where p.take_id = any($1::uuid[])
 order by p.take_id, p.name;
