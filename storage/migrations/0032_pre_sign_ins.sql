-- From where each of somebody's sign-ins came, without reading all that they ever did.

create index audit_log_of_sign_ins on audit_log (actor_id, (detail ->> 'id')) where action = 'session.opened';
