-- name: add_verdict
insert into safety_verdicts (id, project_id, asked_by, subject, digest, media, run_id, safety, policy, outcome, opinions)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: verdict
select v.id, v.project_id, v.asked_by, v.subject, v.digest, v.media, v.run_id, v.safety, v.policy, v.outcome, v.opinions,
       v.created_at, a.made_by, a.words, a.made_at, a.state, a.decided_by, a.decided_at, a.note
  from safety_verdicts v
  left join safety_appeals a on a.verdict_id = v.id
 where v.id = $1;

-- name: verdicts
-- `$2`: only this outcome. Newest first, older than the verdict `$3`.
select v.id, v.project_id, v.asked_by, v.subject, v.digest, v.media, v.run_id, v.safety, v.policy, v.outcome, v.opinions,
       v.created_at, a.made_by, a.words, a.made_at, a.state, a.decided_by, a.decided_at, a.note
  from safety_verdicts v
  left join safety_appeals a on a.verdict_id = v.id
 where v.project_id = $1
   and ($2::text is null or v.outcome = $2)
   and ($3::uuid is null or (v.created_at, v.id) < (select created_at, id from safety_verdicts where id = $3))
 order by v.created_at desc, v.id desc
 limit $4;

-- name: open_appeals
-- The oldest first, behind the appeal `$1`.
select v.id, v.project_id, v.asked_by, v.subject, v.digest, v.media, v.run_id, v.safety, v.policy, v.outcome, v.opinions,
       v.created_at, a.made_by, a.words, a.made_at, a.state, a.decided_by, a.decided_at, a.note
  from safety_appeals a
  join safety_verdicts v on v.id = a.verdict_id
 where a.state = 'open'
   and ($1::uuid is null or (a.made_at, a.verdict_id) > (select made_at, verdict_id from safety_appeals where verdict_id = $1))
 order by a.made_at, a.verdict_id
 limit $2;

-- name: overturned
-- The verdict on the same thing, by the same policy or an older one, that an operator has overturned.
select v.id
  from safety_verdicts v
  join safety_appeals a on a.verdict_id = v.id
 where v.project_id = $1 and v.subject = $2 and v.digest = $3 and a.state = 'overturned'
 order by a.decided_at desc
 limit 1;

-- name: add_appeal
-- Nothing when there is one.
insert into safety_appeals (verdict_id, project_id, made_by, words)
values ($1, $2, $3, $4)
on conflict (verdict_id) do nothing
returning verdict_id;

-- name: decide
update safety_appeals
   set state = $2, decided_by = $3, decided_at = now(), note = $4
 where verdict_id = $1 and state = 'open'
returning verdict_id;

-- name: is_refused
-- Of media that belongs to an output whose verdict refuses it, and no operator thinks otherwise: itself, the thumbnail
-- and parts of such a take, the shots of its run.
with refused as (
    select v.media, v.run_id
      from safety_verdicts v
     where v.project_id = $1 and v.subject = 'output' and v.outcome = 'refused'
       and not exists (
           select 1 from safety_verdicts o join safety_appeals a on a.verdict_id = o.id
            where o.project_id = v.project_id and o.subject = v.subject and o.digest = v.digest
              and a.state = 'overturned'
       )
)
select exists (select 1 from refused r where r.media = $2)
    or exists (
        select 1 from refused r
          join takes t on t.project_id = $1 and t.media_hash = r.media
         where t.thumb_hash = $2
            or exists (select 1 from take_parts p where p.take_id = t.id and p.media = $2)
            or exists (select 1 from run_outputs o where o.run_id = t.run_id and o.media = $2)
    );
