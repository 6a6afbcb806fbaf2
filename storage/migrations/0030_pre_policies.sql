-- Which models a project allows, rules out, and where they may compute.

create table model_policies (
    project_id uuid primary key references projects (id) on delete cascade,
    allow text[],
    deny text[] not null,
    regions text[],
    updated_at timestamptz not null default now()
);

alter table model_policies enable row level security;
create policy of_the_actor on model_policies to storyforge_app
    using (project_id = any((select visible_projects())::uuid[]));
