-- name: add_asset
insert into assets (id, project_id, created_by, name, kind, content_type, bytes) values ($1, $2, $3, $4, $5, $6, $7);

-- name: asset
select a.*, p.parts
  from assets a
  left join lateral (select jsonb_object_agg(m.part, jsonb_build_object('made', m.made, 'facts', m.facts)) as parts
                       from media_parts m where m.source = a.hash) p on true
 where a.id = $1 and a.deleted_at is null;

-- name: assets_of_project
select a.*, p.parts
  from assets a
  left join lateral (select jsonb_object_agg(m.part, jsonb_build_object('made', m.made, 'facts', m.facts)) as parts
                       from media_parts m where m.source = a.hash) p on true
 where a.project_id = $1 and a.deleted_at is null
   and ($2::uuid is null or a.id < $2) and ($3::text is null or a.kind = $3)
 order by a.id desc
 limit $4;

-- name: rename
update assets set name = $2, updated_at = now() where id = $1 and deleted_at is null returning id;

-- name: delete
update assets set deleted_at = now(), updated_at = now() where id = $1 and deleted_at is null returning id;
