-- name: set_places
insert into lanes (lane, places) values ($1, $2)
on conflict (lane) do update set places = excluded.places;

-- name: open
insert into lanes (lane, within, places, ceiling) values ($1, $2, $3, $3) on conflict (lane) do nothing;

-- name: read
-- A lane counts what runs or keeps a place in it and in those within it.
select lanes.lane, lanes.within, lanes.places, lanes.ceiling, lanes.knee, lanes.streak, lanes.probes_after,
       coalesce(extract(epoch from lanes.halved_at), 0)::double precision as halved_at,
       coalesce(extract(epoch from lanes.held_until), 0)::double precision as held_until,
       extract(epoch from clock_timestamp())::double precision as now,
       (select count(*) from steps
         where (steps.state = 'running' or (steps.keeps_place and steps.state = 'ready'))
           and (steps.lane = lanes.lane
                or steps.lane in (select inside.lane from lanes inside where inside.within = lanes.lane))) as running
  from lanes
 where lanes.lane = any($1)
 order by lanes.lane;

-- name: lock
-- Always in this order.
select from lanes where lane = any($1) order by lane for update;

-- name: learn
update lanes
   set places = $2, ceiling = $3, knee = $4, streak = $5, probes_after = $6,
       halved_at = case when $7::double precision > 0 then to_timestamp($7) end,
       held_until = case when $8::double precision > extract(epoch from clock_timestamp()) then to_timestamp($8) end
 where lane = $1;
