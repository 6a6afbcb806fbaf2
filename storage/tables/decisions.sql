-- name: add
insert into review_decisions (id, project_id, document_id, subject, scene_id, take_id, verdict, note, epoch, seq,
                              decided_by, role)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text::project_role)
on conflict (id) do nothing
returning id;

-- name: decisions
-- Newest first. $2: of this scene, $3: of this take, $4: older than this, $6: only this; each may be null. Whether one still
-- holds: a take by being the one that is shown, a scene while neither it nor a shot of it has changed, a cut while nothing
-- has.
select r.id, r.document_id, r.subject, r.scene_id, r.take_id, r.verdict, r.note, r.epoch, r.seq, r.decided_by, u.name,
       u.kind, r.role::text, r.decided_at,
       case r.subject
           when 'take' then coalesce(s.current_take = r.take_id, false)
           when 'scene' then d.epoch = r.epoch and coalesce(s.seq <= r.seq, false)
               and not exists (
                   select from shots h
                    where h.document_id = r.document_id and h.scene_id = r.scene_id and h.seq > r.seq
               )
           else d.epoch = r.epoch and d.seq <= r.seq
       end as is_current
  from review_decisions r
  join users u on u.id = r.decided_by
  join documents d on d.id = r.document_id
  left join scenes s on s.document_id = r.document_id and s.id = r.scene_id
 where r.document_id = $1 and ($2::text is null or r.scene_id = $2) and ($3::uuid is null or r.take_id = $3)
   and ($4::uuid is null or (r.decided_at, r.id) < (select b.decided_at, b.id from review_decisions b where b.id = $4))
   and ($6::uuid is null or r.id = $6)
 order by r.decided_at desc, r.id desc
 limit $5;
