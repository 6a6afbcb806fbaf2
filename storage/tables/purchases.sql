-- name: add
insert into credit_purchases (id, holder_kind, holder_id, bought_by, pack, amount, cents, cashier)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (id) do nothing;

-- name: of_id
select * from credit_purchases where id = $1;

-- name: of_payment
select id from credit_purchases where payment = $1 and cashier = $2;

-- name: lock
select * from credit_purchases where id = $1 for update;

-- name: of_holder
select * from credit_purchases where holder_id = $1 order by id desc limit $2;

-- name: set_checkout
update credit_purchases set checkout = $2 where id = $1 and checkout is null;

-- name: pay
update credit_purchases set state = 'paid', payment = $2, paid_at = now(), ended_at = null where id = $1;

-- name: cancel
update credit_purchases set state = 'cancelled', ended_at = now() where id = $1 and state = 'open';

-- name: refund
-- The credits are back; the money is when `ended_at` is set.
update credit_purchases set state = 'refunded' where id = $1;

-- name: end_refund
update credit_purchases set ended_at = coalesce(ended_at, now()) where id = $1 and state = 'refunded';
