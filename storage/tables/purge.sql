-- name: due
select 'project' as kind, id from projects where deleted_at < now() - $1::interval
union all
select 'episode', id from episodes where deleted_at < now() - $1::interval
union all
select 'character', id from characters where deleted_at < now() - $1::interval
limit $2;

-- name: begin_project
update projects
   set purge_began_at = coalesce(purge_began_at, now())
 where id = $1 and deleted_at < now() - $2::interval
returning id;

-- name: begin_episode
update episodes
   set purge_began_at = coalesce(purge_began_at, now())
 where id = $1 and deleted_at < now() - $2::interval
returning id;

-- name: begin_character
update characters
   set purge_began_at = coalesce(purge_began_at, now())
 where id = $1 and deleted_at < now() - $2::interval
returning id;

-- name: documents_of_project
select id from documents where project_id = $1;

-- name: documents_of_episode
select id from documents where episode_id = $1;

-- name: forget_rows
delete from document_log
 where ctid = any(array(select ctid from document_log where document_id = any($1::uuid[]) limit $2));

-- name: forget_batches
delete from moved_batches
 where ctid = any(array(select ctid from moved_batches where document_id = any($1::uuid[]) limit $2));

-- name: forget_events
delete from project_events
 where ctid = any(array(select ctid from project_events where project_id = $1 limit $2));

-- name: objects
-- Of old rows of these documents and of their snapshots, behind $2; but not what anybody else refers to.
select mine.hash
from (
    select hash from document_segments where document_id = any($1::uuid[])
    union
    select hash from document_snapshots where document_id = any($1::uuid[])
) as mine
where mine.hash > $2
    and not exists (select from document_segments s where s.hash = mine.hash and s.document_id <> all($1::uuid[]))
    and not exists (select from document_snapshots s where s.hash = mine.hash and s.document_id <> all($1::uuid[]))
    and not exists (select from media m where m.hash = mine.hash)
order by mine.hash
limit $3;

-- name: remove_project
delete from projects where id = $1 and purge_began_at is not null;

-- name: remove_episode
delete from episodes where id = $1 and purge_began_at is not null;

-- name: remove_character
delete from characters where id = $1 and purge_began_at is not null;
