-- name: put
insert into cached_vectors (id, project_id, partition, vector)
values ($1, $2, $3, $4::text::vector)
on conflict (id) do update set vector = excluded.vector
 where cached_vectors.project_id = excluded.project_id and cached_vectors.partition = excluded.partition;

-- name: nearest
select id, 1 - (vector <=> $3::text::vector) as score
  from cached_vectors
 where project_id = $1 and partition = $2
 order by vector <=> $3::text::vector, id
 limit $4;

-- name: remove
delete from cached_vectors where project_id = $1 and id = any($2::uuid[]);

-- name: forget
delete from cached_vectors where project_id = $1;
