-- What is locked (consistency.md C17): a commit is refused that was judged without the newest lock.
alter table documents add column locked_seq bigint not null default 0;

-- The refusal in words: what is locked, and by whom.
alter table proposals add column detail text not null default '' check (length(detail) <= 512);

-- As before, but it also looks whether a row was judged without a lock that is in the log already. One of both forms:
-- whoever calls it as before is answered by this one.
drop function append_to_log(
    uuid[], integer[], integer[], uuid[], uuid[], text[], uuid[], bytea[], integer[], bigint[]
);
create function append_to_log(
    documents_of uuid[],   -- the documents of the call, each in one epoch
    epochs_of integer[],
    row_documents integer[],   -- the rows in their order: which of `documents_of` each belongs to, from 1
    row_batches uuid[],
    row_actors uuid[],
    row_origins text[],
    row_relayers uuid[],
    row_bytes bytea[],
    claim_rows integer[],   -- client ids first seen in a row: which of the rows, from 1
    claim_clients bigint[],
    row_seen bigint[] default null   -- up to which row each was judged; null: as the document stands now
)
-- One answer a document: `committed` with its newest sequence, `postponed`, `missing`, `epoch` with the one that it has,
-- or of its first row that may not be committed `batch_epoch` with the epoch in which it was, `claimed` with the
-- client id, or `locked` with the row of a lock that it was judged without (C17). One answer `row` with its sequence
-- for every row of the committed ones. `place` counts from 1.
returns table (outcome text, place integer, number bigint)
language plpgsql
as $$
declare
    free_ids uuid[];
    free_epochs integer[];
    free_seqs bigint[];
    free_locked_seqs bigint[];
begin
    -- Sorted, so that two commits never wait for each other. `no key`: a row elsewhere that merely refers to the
    -- document does not hold up its log. The statement behind this one sees what the last holder has committed.
    select array_agg(h.id), array_agg(h.epoch), array_agg(h.seq), array_agg(h.locked_seq)
    into free_ids, free_epochs, free_seqs, free_locked_seqs
    from (
        select d.id, d.epoch, d.seq, d.locked_seq
        from documents d
        where d.id = any(documents_of)
        order by d.id
        for no key update skip locked
    ) as h;

    return query
    with document as (
        select d.place::integer as place, d.id, d.epoch, h.epoch as head_epoch, h.seq as head_seq, h.locked_seq
        from unnest(documents_of, epochs_of) with ordinality as d (id, epoch, place)
        left join unnest(free_ids, free_epochs, free_seqs, free_locked_seqs) as h (id, epoch, seq, locked_seq)
            on h.id = d.id
    ), asked as (
        select r.place::integer as place, d.place as document_place, d.id as document_id, d.epoch, d.head_seq,
               d.locked_seq, r.batch_id, r.actor, r.origin, r.relayed_by, r.bytes, r.seen,
               coalesce(l.epoch, m.epoch) as known_epoch, coalesce(l.seq, m.seq) as known_seq,
               row_number() over (partition by d.id, r.batch_id order by r.place) as repetition
        from unnest(row_documents, row_batches, row_actors, row_origins, row_relayers, row_bytes, row_seen)
            with ordinality as r (document_place, batch_id, actor, origin, relayed_by, bytes, seen, place)
        join document d on d.place = r.document_place and d.head_epoch = d.epoch
        left join document_log l on l.document_id = d.id and l.batch_id = r.batch_id
        left join moved_batches m on m.document_id = d.id and m.batch_id = r.batch_id
    ), claim as (
        select a.place, a.document_place, a.document_id, a.epoch, c.client_id, a.actor,
               coalesce(
                   k.actor, first_value(a.actor) over (partition by a.document_id, c.client_id order by a.place)
               ) as owner
        from unnest(claim_rows, claim_clients) as c (place, client_id)
        join asked a on a.place = c.place and a.known_seq is null and a.repetition = 1
        left join document_clients k
            on k.document_id = a.document_id and k.epoch = a.epoch and k.client_id = c.client_id
    ), refused as (
        select distinct on (f.document_place) f.outcome, f.document_place, f.place, f.number
        from (
            select 'batch_epoch' as outcome, a.document_place, a.place, a.known_epoch::bigint as number
            from asked a
            where a.known_epoch <> a.epoch
            union all
            select 'claimed', c.document_place, c.place, c.client_id
            from claim c
            where c.owner <> c.actor
            union all
            select 'locked', a.document_place, a.place, a.locked_seq
            from asked a
            where a.known_seq is null and a.repetition = 1 and a.seen < a.locked_seq
        ) as f
        order by f.document_place, f.place, f.outcome = 'locked', f.number
    ), fresh as (
        select a.*, a.head_seq + row_number() over (partition by a.document_id order by a.place) as seq
        from asked a
        where a.known_seq is null and a.repetition = 1
            and a.document_place not in (select f.document_place from refused f)
    ), written as (
        insert into document_log (document_id, epoch, seq, batch_id, actor, origin, relayed_by, bytes)
        select f.document_id, f.epoch, f.seq, f.batch_id, f.actor, f.origin, f.relayed_by, f.bytes
        from fresh f
    ), owned as (
        insert into document_clients (document_id, epoch, client_id, actor)
        select distinct c.document_id, c.epoch, c.client_id, c.actor
        from claim c
        where c.document_place not in (select f.document_place from refused f)
        on conflict do nothing
    ), moved as (
        update documents d
        set seq = f.seq
        from (select n.document_id, max(n.seq) as seq from fresh n group by n.document_id) as f
        where d.id = f.document_id
    )
    select 'row', a.place, coalesce(a.known_seq, f.seq)
    from asked a
    left join fresh f on f.document_id = a.document_id and f.batch_id = a.batch_id
    where a.document_place not in (select n.document_place from refused n)
    union all
    select f.outcome, f.place, f.number
    from refused f
    union all
    select case
               when d.head_epoch = d.epoch then 'committed'
               when d.head_epoch is not null then 'epoch'
               when exists (select from documents e where e.id = d.id) then 'postponed'
               else 'missing'
           end,
           d.place,
           case
               when d.head_epoch <> d.epoch then d.head_epoch
               else d.head_seq + (select count(*) from fresh n where n.document_id = d.id)
           end
    from document d
    where d.place not in (select f.document_place from refused f);
end
$$;
