-- What a run cost whoever paid for it, in micro-credits, known at its end; and with it its take.

alter table runs add column cost_microcredits bigint check (cost_microcredits >= 0);
alter table takes add column cost_microcredits bigint check (cost_microcredits >= 0);
