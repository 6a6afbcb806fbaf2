-- name: add_answer
insert into gesture_answers (document_id, batch_id, seq, made) values ($1, $2, $3, $4::text[])
on conflict (document_id, batch_id) do nothing;

-- name: answer
select seq, made from gesture_answers where document_id = $1 and batch_id = $2;
