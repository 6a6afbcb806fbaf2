-- name: standings
select u.id as user_id, u.email, u.name, u.colour, u.kind as user_kind, r.jti is not null as revoked,
       d.id, d.project_id, d.kind, d.epoch, d.seq, d.server_client, p.access_version,
       p.archived_at is not null as archived, s.role, s.can_download, s.can_approve, s.until, s.episodes
  from unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality as asked (user_id, token_id, document_id, place)
  left join users u on u.id = asked.user_id
  left join revoked_tokens r on r.jti = asked.token_id
  left join documents d on d.id = asked.document_id
  left join episodes e on e.id = d.episode_id and e.deleted_at is null
  left join projects p on p.id = e.project_id and p.deleted_at is null
  left join lateral standing_at(e.id, p.id, asked.user_id) s on true
 order by asked.place;
