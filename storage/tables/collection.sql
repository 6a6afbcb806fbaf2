-- name: forget_assets
delete from assets where id in (select id from assets where deleted_at < now() - $1::interval limit $2);

-- name: walk
select hash from media where hash > $1 order by hash limit $2;

-- name: unused
select m.hash
  from media m
 where m.hash = any($1::text[]) and m.created_at < now() - $2::interval
   and not exists (select from media_uses u where u.hash = m.hash);

-- name: projects_of_media
select distinct project_id from project_media where hash = any($1::text[]);

-- name: condemn
update media m
   set condemned_at = now()
 where m.hash = any($1::text[]) and m.condemned_at is null
   and not exists (select from media_uses u where u.hash = m.hash);

-- name: condemned
select hash from media where condemned_at < now() - $1::interval order by condemned_at limit $2;

-- name: lock
select bytes from media where hash = $1 and condemned_at < now() - $2::interval for update skip locked;

-- name: is_used
-- An object of the log that somebody has uploaded as a file, too, is the log's.
select exists (select from media_uses where hash = $1)
    or exists (select from document_segments where hash = $1)
    or exists (select from document_snapshots where hash = $1)
    or exists (select
                 from project_media p
                 join documents d on d.project_id = p.project_id
                 left join mention_scans s on s.document_id = d.id
                where p.hash = $1 and (coalesce(s.epoch, 1), coalesce(s.seq, 0)) < (d.epoch, d.seq));

-- name: pardon
update media set condemned_at = null where hash = $1;

-- name: forget_parts
delete from media_parts where source = $1;

-- name: forget_rights
delete from project_media where hash = $1;

-- name: forget
delete from media where hash = $1;
