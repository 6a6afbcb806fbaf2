-- In which trace a run was asked for (W3C traceparent), so that its worker goes on in it.
alter table runs add column traceparent text check (length(traceparent) <= 128);
