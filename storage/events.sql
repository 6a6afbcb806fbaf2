-- name: allot
-- The row's lock makes cursors gap-free and puts them in the order of commits (consistency.md C8).
update projects
set event_cursor = event_cursor + $2
where id = $1
returning event_cursor;

-- name: insert
-- $5: the document that they are about, or null.
insert into project_events (project_id, cursor, kind, payload, episode_id)
select $1, added.cursor, added.kind, added.payload::jsonb, (select d.episode_id from documents d where d.id = $5)
from unnest($2::bigint[], $3::text[], $4::text[]) as added (cursor, kind, payload);

-- name: read
-- $4: what is about others than these episodes is not told; null: everything is.
select cursor, created_at,
       case when elsewhere then 'elsewhere' else kind end as kind,
       case when elsewhere then '{}'::jsonb else payload end as payload
from project_events
cross join lateral (select coalesce(episode_id <> all($4::uuid[]), false) as elsewhere) hidden
where project_id = $1 and cursor > $2
order by cursor
limit $3;
