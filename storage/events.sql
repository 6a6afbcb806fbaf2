-- name: allot
-- The row's lock makes cursors gap-free and puts them in the order of commits (consistency.md C8).
update projects
set event_cursor = event_cursor + $2
where id = $1
returning event_cursor;

-- name: insert
insert into project_events (project_id, cursor, kind, payload)
select $1, added.cursor, added.kind, added.payload::jsonb
from unnest($2::bigint[], $3::text[], $4::text[]) as added (cursor, kind, payload);

-- name: read
select cursor, kind, payload, created_at
from project_events
where project_id = $1 and cursor > $2
order by cursor
limit $3;
