-- name: add_take
insert into takes (id, project_id, document_id, scene_id, run_id, number, media_hash, thumb_hash,
                   frames, width, height, rate_num, rate_den, provenance, cost_microcredits)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: next_number
select coalesce(max(number), 0) + 1 from takes where document_id = $1 and scene_id = $2;

-- name: take_of_id
select * from takes where id = $1;

-- name: take_of_run
select * from takes where run_id = $1;

-- name: takes_of_project
-- $4: of these episodes, or null for all.
select * from takes
 where project_id = $1
   and ($4::uuid[] is null or document_id in (select d.id from documents d where d.episode_id = any($4)))
   and ($2::uuid is null or (created_at, id) < (select created_at, id from takes where id = $2))
 order by created_at desc, id desc
 limit $3;

-- name: takes_of_scene
-- $3: only numbers below it, or null; $4: how many, or null for all.
select * from takes
 where document_id = $1 and scene_id = $2 and ($3::integer is null or number < $3)
 order by number desc
 limit $4;
