-- Lanes that learn how many steps they bear, and lanes within others: a tenant's within a provider's account.

alter table lanes
    add column within text references lanes (lane),
    add column ceiling integer check (ceiling >= 1),
    add column knee integer check (knee >= 1),
    add column streak integer not null default 0,
    add column probes_after integer not null default 20,
    add column halved_at timestamptz,
    add column held_until timestamptz,
    add constraint lanes_within_ceiling check (ceiling is null or places between 1 and ceiling);
create index lanes_within on lanes (within) where within is not null;
create index lanes_shut on lanes (lane) where places = 0 or held_until is not null;
