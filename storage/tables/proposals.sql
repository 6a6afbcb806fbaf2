-- name: add_proposal
-- Nothing when it is there already, or when the document or the author has as many open ones as they may.
insert into proposals (id, document_id, epoch, author, reason, bytes, detail)
select $1, $2, $3, $4, $5, $6, $7
 where (select count(*) from proposals where document_id = $2 and state = 'open') < $8::integer
   and (select count(*) from proposals where document_id = $2 and author = $4 and state = 'open') < $9::integer
on conflict (id) do nothing
returning id;

-- name: proposal
select id, document_id, epoch, author, reason, bytes, state, created_at, decided_by, decided_at, seq, detail
  from proposals
 where document_id = $1 and id = $2;

-- name: locked_proposal
select id, document_id, epoch, author, reason, bytes, state, created_at, decided_by, decided_at, seq, detail
  from proposals
 where document_id = $1 and id = $2
   for update;

-- name: proposals
-- `$3`: only this author's. `$4`: only in this state.
select id, document_id, epoch, author, reason, null::bytea as bytes, state, created_at, decided_by, decided_at, seq, detail
  from proposals
 where document_id = $1
   and ($2::uuid is null or (created_at, id) < (select created_at, id from proposals where id = $2))
   and ($3::uuid is null or author = $3)
   and ($4::text is null or state = $4)
 order by created_at desc, id desc
 limit $5;

-- name: decide
update proposals
   set state = $2, decided_by = $3, decided_at = now(), seq = $4
 where id = $1 and state = 'open'
returning id;
