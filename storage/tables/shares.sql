-- name: add_link
insert into share_links (
    id, project_id, label, token_hash, password_hash, can_comment, can_download, can_approve, created_by, expires_at
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: count_links
select count(*) from share_links
 where project_id = $1 and revoked_at is null and (expires_at is null or expires_at > now());

-- name: links_of_project
select l.id, l.project_id, l.label, l.password_hash, l.can_comment, l.can_download, l.can_approve, l.created_at,
       l.expires_at, l.revoked_at, p.title, p.deleted_at is not null as is_deleted,
       (select count(*) from share_guests g where g.link_id = l.id) as guests
  from share_links l
  join projects p on p.id = l.project_id
 where l.project_id = $1
 order by l.id desc
 limit $2;

-- name: link_of_token
select l.id, l.project_id, l.label, l.password_hash, l.can_comment, l.can_download, l.can_approve, l.created_at,
       l.expires_at, l.revoked_at, p.title, p.deleted_at is not null as is_deleted,
       (select count(*) from share_guests g where g.link_id = l.id) as guests
  from share_links l
  join projects p on p.id = l.project_id
 where l.token_hash = $1;

-- name: link_of_project
select l.id, l.project_id, l.label, l.password_hash, l.can_comment, l.can_download, l.can_approve, l.created_at,
       l.expires_at, l.revoked_at, p.title, p.deleted_at is not null as is_deleted,
       (select count(*) from share_guests g where g.link_id = l.id) as guests
  from share_links l
  join projects p on p.id = l.project_id
 where l.project_id = $1 and l.id = $2;

-- name: change_link
-- Null leaves a label or a flag as it is; a new password starts without wrong ones.
update share_links
   set label = coalesce($2, label), can_comment = coalesce($4, can_comment), can_download = coalesce($5, can_download),
       can_approve = coalesce($6, can_approve), expires_at = $7,
       wrong_count = case when password_hash is distinct from $3 then 0 else wrong_count end,
       password_hash = $3
 where id = $1 and revoked_at is null
returning id;

-- name: take_try
-- Before the password is looked at, so that many at once get no more tries than one after another.
update share_links
   set wrong_count = case when wrong_since > now() - $3::interval then wrong_count + 1 else 1 end,
       wrong_since = case when wrong_since > now() - $3::interval then wrong_since else now() end
 where id = $1 and (wrong_count < $2 or wrong_since <= now() - $3::interval)
returning id;

-- name: give_try_back
update share_links set wrong_count = greatest(wrong_count - 1, 0) where id = $1;

-- name: revoke_link
update share_links set revoked_at = now() where id = $1 and project_id = $2 and revoked_at is null returning id;

-- name: add_guest
insert into share_guests (link_id, user_id) values ($1, $2) on conflict do nothing returning user_id;

-- name: guests
select g.user_id, u.name, u.kind, g.joined_at
  from share_guests g
  join users u on u.id = g.user_id
 where g.link_id = $1
 order by g.joined_at desc, g.user_id
 limit $2;
