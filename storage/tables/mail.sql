-- name: add
insert into outgoing_mail (id, kind, subject_id) values ($1, $2, $3);

-- name: supersede
-- What waits for the same subject is not sent any more; what somebody is sending just now is.
update outgoing_mail set state = 'dropped', settled_at = now()
 where kind = $1 and subject_id = $2 and state = 'waiting';

-- name: lease
-- The one that is due for longest, or just this one. Who held it for longer than the lease is gone.
update outgoing_mail
   set state = 'sending', attempt = attempt + 1, due_at = now() + $1::interval
 where id = (
       select id from outgoing_mail
        where state in ('waiting', 'sending') and due_at <= now() and ($2::uuid is null or id = $2)
        order by due_at
        limit 1
          for update skip locked)
returning id, kind, subject_id, attempt;

-- name: settle
-- $2, as below: only by whoever made this attempt.
update outgoing_mail
   set state = $3, error = $4, settled_at = now()
 where id = $1 and attempt = $2 and state = 'sending';

-- name: hand_back
update outgoing_mail
   set state = 'waiting', error = $4, due_at = now() + $3::interval
 where id = $1 and attempt = $2 and state = 'sending';

-- name: forget
delete from outgoing_mail
 where id in (
       select id from outgoing_mail
        where state in ('sent', 'dropped') and settled_at < now() - $1::interval
        limit $2);
