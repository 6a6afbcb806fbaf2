-- name: found
-- Best first: a rank of 0 to a million from weight, nearness and length. $5 to $8: only those behind that place. What
-- was asked for stands between U+0002 and U+0003, which no text has. The words come first, so that their index is read.
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
    where $5::integer is null or (-f.rank, f.kind, f.document_id, f.id) > (-$5::integer, $6::text, $7::uuid, $8::text)
    order by f.rank desc, f.kind, f.document_id, f.id
    limit $4
)
select p.document_id, p.kind, p.id, p.episode_id, p.seq, p.scene_id, p.rank, m.frame,
       ts_headline(
           'simple', p.title, words_beginning($2), E'HighlightAll=true, StartSel=\u0002, StopSel=\u0003'
       ) as title,
       ts_headline(
           'simple',
           p.body,
           words_beginning($2),
           E'MaxFragments=2, MaxWords=20, MinWords=8, FragmentDelimiter=" … ", StartSel=\u0002, StopSel=\u0003'
       ) as snippet
from page p
left join markers m on p.kind = 'marker' and m.document_id = p.document_id and m.id = p.id
order by p.rank desc, p.kind, p.document_id, p.id;
