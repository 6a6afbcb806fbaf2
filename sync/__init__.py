"""The CRDT core: wire dialects, update validation, the room and the document schemas.

Sans-IO: no sockets, SQL, Redis, clocks, randomness or logging here; `now` and `rng` are arguments.
"""
