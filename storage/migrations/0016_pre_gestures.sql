-- What the gestures of one request have made, for its repetition (Idempotency-Key).

create table gesture_answers (
    document_id uuid not null references documents (id),
    batch_id uuid not null,
    seq bigint not null,
    made text[] not null,
    primary key (document_id, batch_id)
);
