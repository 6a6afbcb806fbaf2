-- Deleting a project's row, or an episode's, deletes everything of it: whatever refers to one says `on delete cascade`.
-- `purge_began_at`: from then on it cannot be restored, because its rows are going.

alter table projects add column purge_began_at timestamptz;
alter table episodes add column purge_began_at timestamptz;
create index runs_of_project on runs (project_id);
create index takes_of_project on takes (project_id, created_at desc, id desc);

alter table api_keys
    drop constraint api_keys_project_id_fkey,
    add constraint api_keys_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table document_clients
    drop constraint document_clients_document_id_fkey,
    add constraint document_clients_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
alter table document_log
    drop constraint document_log_document_id_fkey,
    add constraint document_log_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
alter table document_segments
    drop constraint document_segments_document_id_fkey,
    add constraint document_segments_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
alter table document_snapshots
    drop constraint document_snapshots_document_id_fkey,
    add constraint document_snapshots_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
alter table document_versions
    drop constraint document_versions_document_id_fkey,
    add constraint document_versions_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
alter table documents
    drop constraint documents_project_id_episode_id_fkey,
    add constraint documents_project_id_episode_id_fkey foreign key (project_id, episode_id) references episodes (project_id, id) on delete cascade;
alter table documents
    drop constraint documents_project_id_fkey,
    add constraint documents_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table gesture_answers
    drop constraint gesture_answers_document_id_fkey,
    add constraint gesture_answers_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
alter table invitations
    drop constraint invitations_project_id_fkey,
    add constraint invitations_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table moved_batches
    drop constraint moved_batches_document_id_fkey,
    add constraint moved_batches_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
alter table project_events
    drop constraint project_events_project_id_fkey,
    add constraint project_events_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table project_media
    drop constraint project_media_project_id_fkey,
    add constraint project_media_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table project_members
    drop constraint project_members_project_id_fkey,
    add constraint project_members_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table project_teams
    drop constraint project_teams_project_id_fkey,
    add constraint project_teams_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table proposals
    drop constraint proposals_document_id_fkey,
    add constraint proposals_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
alter table run_steps
    drop constraint run_steps_run_id_fkey,
    add constraint run_steps_run_id_fkey foreign key (run_id) references runs (id) on delete cascade;
alter table runs
    drop constraint runs_document_id_fkey,
    add constraint runs_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
alter table runs
    drop constraint runs_project_id_fkey,
    add constraint runs_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table scenes
    drop constraint scenes_document_id_fkey,
    add constraint scenes_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
alter table scenes
    drop constraint scenes_project_id_fkey,
    add constraint scenes_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table share_guests
    drop constraint share_guests_link_id_fkey,
    add constraint share_guests_link_id_fkey foreign key (link_id) references share_links (id) on delete cascade;
alter table share_links
    drop constraint share_links_project_id_fkey,
    add constraint share_links_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table takes
    drop constraint takes_document_id_fkey,
    add constraint takes_document_id_fkey foreign key (document_id) references documents (id) on delete cascade;
alter table takes
    drop constraint takes_project_id_fkey,
    add constraint takes_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
alter table takes
    drop constraint takes_run_id_fkey,
    add constraint takes_run_id_fkey foreign key (run_id) references runs (id) on delete cascade;
alter table texts
    drop constraint texts_project_id_fkey,
    add constraint texts_project_id_fkey foreign key (project_id) references projects (id) on delete cascade;
