-- name: standings
select u.id as user_id, u.email, u.name, u.colour, r.jti is not null as revoked,
       d.id, d.project_id, d.kind, d.epoch, d.seq, d.server_client, p.access_version, m.role
  from unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality as asked (user_id, token_id, document_id, place)
  left join users u on u.id = asked.user_id
  left join revoked_tokens r on r.jti = asked.token_id
  left join documents d on d.id = asked.document_id
  left join projects p on p.id = d.project_id and p.deleted_at is null
  left join project_members m on m.project_id = p.id and m.user_id = asked.user_id
 order by asked.place;
