-- Who waits for a step is known without a look at all steps.

alter table shares add column is_waiting boolean not null default false;
create index shares_waiting on shares (served) where is_waiting;
insert into shares (tenant, served, is_waiting)
select distinct tenant, 0, true from steps where state = 'ready'
on conflict (tenant) do update set is_waiting = true;
