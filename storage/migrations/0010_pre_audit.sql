-- Who did what to whom, from where and when. It is only appended to: no role of ours may change what stands there.
create table audit_log (
    id bigint primary key generated always as identity,
    at timestamptz not null default now(),
    action text not null check (action ~ '^[a-z_]+\.[a-z_]+$' and length(action) <= 64),
    actor_id uuid,
    user_id uuid,
    project_id uuid,
    address inet,
    agent text check (length(agent) <= 200),
    request_id text check (length(request_id) <= 64),
    detail jsonb not null default '{}'
);
create index audit_log_of_project on audit_log (project_id, id desc) where project_id is not null;
create index audit_log_of_actor on audit_log (actor_id, id desc) where actor_id is not null;

create function refuse_to_change_audit_log() returns trigger
language plpgsql
as $$
begin
    raise exception 'audit_log is only appended to' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_log_is_append_only
    before update or delete or truncate on audit_log
    for each statement execute function refuse_to_change_audit_log();
