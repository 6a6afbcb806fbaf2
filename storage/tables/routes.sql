-- name: add
insert into routes (
    id, project_id, run_id, step, turn, purpose, weights_version, provider, model, shape, price_microcredits, reason,
    sentence, waits, explored, asked, judged
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
on conflict (run_id, step, turn) do nothing
returning id;

-- name: of_turn
select * from routes where run_id = $1 and step = $2 and turn = $3;

-- name: of_run
select routes.*,
       (select coalesce(jsonb_object_agg(came.kind, jsonb_build_object('value', came.value, 'fault', came.fault)), '{}')
          from route_observations came where came.route_id = routes.id) as came
  from routes
 where run_id = $1
 order by created_at, step, turn;

-- name: observe
-- Once a kind: the same word a second time changes nothing.
with noted as (
    insert into route_observations (route_id, project_id, kind, value, fault)
    select id, project_id, $2, $3, $4 from routes where id = $1 and provider is not null
    on conflict do nothing
    returning route_id
)
select provider, model, shape, purpose from routes join noted on noted.route_id = routes.id;

-- name: begin_speed
insert into model_speeds (provider, model, shape) values ($1, $2, $3) on conflict do nothing;

-- name: lock_speed
select mean_s, deviation_s, count from model_speeds where provider = $1 and model = $2 and shape = $3 for update;

-- name: write_speed
update model_speeds set mean_s = $4, deviation_s = $5, count = $6 where provider = $1 and model = $2 and shape = $3;

-- name: speeds
select speeds.* from unnest($1::text[], $2::text[], $3::text[]) asked (provider, model, shape)
  join model_speeds speeds using (provider, model, shape);

-- name: count
insert into model_records (provider, model, purpose, shown, picked, scored, score, failed)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (provider, model, purpose) do update
   set shown = model_records.shown + excluded.shown,
       picked = model_records.picked + excluded.picked,
       scored = model_records.scored + excluded.scored,
       score = model_records.score + excluded.score,
       failed = model_records.failed + excluded.failed;

-- name: records
select records.* from unnest($2::text[], $3::text[]) asked (provider, model)
  join model_records records using (provider, model)
 where records.purpose = $1;
