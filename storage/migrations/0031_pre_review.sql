-- What reviewers decide about takes, scenes and cuts. Rows are only added: who thinks otherwise later decides again.
create table review_decisions (
    id uuid primary key,
    project_id uuid not null references projects (id) on delete cascade,
    document_id uuid not null references documents (id) on delete cascade,
    subject text not null check (subject in ('take', 'scene', 'cut')),
    scene_id text,
    take_id uuid references takes (id) on delete cascade,
    verdict text not null check (verdict in ('approved', 'changes')),
    note text not null check (length(note) <= 2000),
    epoch integer not null,
    seq bigint not null,
    decided_by uuid not null references users (id),
    role project_role not null,
    decided_at timestamptz not null default now(),
    check ((subject = 'cut') = (scene_id is null)),
    check ((subject = 'take') = (take_id is not null))
);
create index review_decisions_newest on review_decisions (document_id, decided_at desc, id desc);
create index review_decisions_of_take on review_decisions (take_id) where take_id is not null;
create index review_decisions_of_project on review_decisions (project_id);

create function refuse_to_change_a_decision() returns trigger
language plpgsql
as $$
begin
    raise exception 'what was decided stays as it was' using errcode = 'insufficient_privilege';
end
$$;
create trigger review_decisions_stay before update on review_decisions
    for each statement execute function refuse_to_change_a_decision();

alter table review_decisions enable row level security;
create policy of_the_actor on review_decisions to storyforge_app using (
    project_id = any((select whole_projects())::uuid[])
    or document_id = any((select documents_of_visible_episodes())::uuid[])
);
