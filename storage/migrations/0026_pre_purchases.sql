-- Credits that are bought: what was asked for, and how it stands with whoever takes the money. Holds in pages by id.

create table credit_purchases (
    id uuid primary key,
    holder_kind text not null check (holder_kind in ('user', 'team', 'project')),
    holder_id uuid not null,
    bought_by uuid not null references users (id),
    pack text not null,
    amount bigint not null check (amount between 1 and 1000000000000000),
    cents integer not null check (cents > 0),
    cashier text not null check (length(cashier) between 1 and 32),
    state text not null default 'open' check (state in ('open', 'paid', 'refunded', 'cancelled')),
    checkout text unique check (length(checkout) <= 255),
    payment text unique check (length(payment) <= 255),
    created_at timestamptz not null default now(),
    paid_at timestamptz,
    ended_at timestamptz,
    check ((state in ('paid', 'refunded')) = (paid_at is not null and payment is not null))
);
create index credit_purchases_of_holder on credit_purchases (holder_id, id desc);

drop index credit_holds_of_project;
create index credit_holds_of_project on credit_holds (project_id, id desc);
