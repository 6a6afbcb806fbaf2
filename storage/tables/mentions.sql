-- name: scan
select epoch, seq from mention_scans where document_id = $1;

-- name: add
insert into media_mentions (hash, document_id) select distinct h, $1::uuid from unnest($2::text[]) as h
on conflict do nothing;

-- name: reach
insert into mention_scans (document_id, epoch, seq) values ($1, $2, $3)
on conflict (document_id) do update set epoch = excluded.epoch, seq = excluded.seq
 where (mention_scans.epoch, mention_scans.seq) < (excluded.epoch, excluded.seq);

-- name: documents_that_mention
select d.id, d.kind
  from media_mentions m join documents d on d.id = m.document_id
 where d.project_id = $1 and m.hash = $2
 order by d.id;

-- name: unsearched
select d.id
  from documents d left join mention_scans s on s.document_id = d.id
 where d.project_id = any($1::uuid[]) and (coalesce(s.epoch, 1), coalesce(s.seq, 0)) < (d.epoch, d.seq);

-- name: open_proposals
select p.id, p.document_id
  from proposals p join documents d on d.id = p.document_id
 where d.project_id = any($1::uuid[]) and p.state = 'open';

-- name: bytes_of_proposal
select bytes from proposals where id = $1;
