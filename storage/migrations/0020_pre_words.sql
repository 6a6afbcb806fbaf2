-- Words are told apart before they come here. PostgreSQL's parser knows as punctuation only what the locale of the
-- database does, so that a word in curved quotes was another word, and nothing of scripts that do not space them.

truncate texts;
alter table texts drop column words;
alter table texts
    add column title_words text not null default '',
    add column body_words text not null default '',
    add column words tsvector not null generated always as (
        setweight(to_tsvector('simple', title_words), 'A') || setweight(to_tsvector('simple', body_words), 'B')
    ) stored;
create index texts_of_project on texts using gin (project_id, words);
update documents set projected_seq = 0;
