-- Steps hold the leases and the outputs since 0021.

drop table run_steps;
alter table runs drop column lease_owner, drop column lease_until, drop column woken_at;
