-- name: found
-- Best first: a rank of 0 to a million from weight, nearness and length. $5 to $8: only those behind that place. The
-- words come first, so that their index is read. $9: characters of a body. $10: of these
-- episodes, or null for all.
with found as materialized (
    select document_id, kind, id, seq, scene_id, title, body,
           (1000000 * ts_rank_cd(words, words_beginning($2), 33))::integer as rank
    from texts
    where project_id = $1 and words @@ words_beginning($2) and kind = any($3::text[])
), page as (
    select f.*, e.id as episode_id
    from found f
    join documents d on d.id = f.document_id
    join episodes e on e.id = d.episode_id and e.deleted_at is null
    where ($10::uuid[] is null or e.id = any($10))
      and ($5::integer is null
           or (-f.rank, f.kind, f.document_id, f.id) > (-$5::integer, $6::text, $7::uuid, $8::text))
    order by f.rank desc, f.kind, f.document_id, f.id
    limit $4
)
select p.document_id, p.kind, p.id, p.episode_id, p.seq, p.scene_id, p.rank, m.frame,
       p.title, left(p.body, $9) as body
from page p
left join markers m on p.kind = 'marker' and m.document_id = p.document_id and m.id = p.id
order by p.rank desc, p.kind, p.document_id, p.id;
