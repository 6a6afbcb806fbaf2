"""What a proposal holds and what it would change, worked out on a scratch copy. Pure: no IO.

A proposal is content, not structs: what was wrong with its bytes (a foreign client id, a server's key) stays behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from pycrdt import Doc

from services.history.content import Content, SharedMap, read
from services.history.model import EntityChange, difference
from services.history.restore import Kept, locked_by
from services.proposals.errors import Unreadable
from services.proposals.fitting import fit
from sync.errors import MalformedFrame, Refused, SceneLocked, ServerOnly
from sync.index import StructIndex
from sync.lib0 import Reader, write_var_bytes
from sync.locks import locks_of
from sync.schema import Ownership, Schema
from sync.update import parse

OPEN_IN_DOCUMENT_MAX = 200
OPEN_OF_AUTHOR_MAX = 20
NO_LIMIT = 2**31 - 1
DETAIL_CHARS_MAX = 512
PAGE_MAX = 100
PROPOSAL_PREFIX = "prp"
_IDS = UUID("4b0f5c1e-98a5-5d2c-8c3e-7a4d6e2f1b90")
"""Namespace: the same refused bytes of the same author are the same proposal, however often they are sent."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """`target`: all of the document with it. `changes`: what of it may be accepted. `kept`: what may not, and why."""

    target: Content
    changes: list[EntityChange]
    kept: list[Kept]
    held: list[EntityChange]
    """What a lock holds up; `locked` is the refusal of the first of it."""
    locked: SceneLocked | None


def proposal_id(document_id: UUID, epoch: int, author: UUID, packed: bytes) -> UUID:
    return uuid5(_IDS, f"{document_id}|{epoch}|{author}|{sha256(packed).hexdigest()}")


def pack(updates: Sequence[bytes]) -> bytes:
    """Updates one after another, each with its length."""
    out = bytearray()
    for update in updates:
        write_var_bytes(out, update)
    return bytes(out)


def unpack(packed: bytes) -> list[bytes]:
    """Raises `Unreadable`."""
    reader, updates = Reader(packed), []
    try:
        while reader.remaining:
            updates.append(reader.var_bytes())
    except MalformedFrame as error:
        raise Unreadable(Unreadable.__doc__) from error
    return updates


def proposed(
    doc: Doc[Any], packed: bytes, ownership: Ownership, schema: Schema, *, despite_locks: bool = False
) -> Proposed:
    """What accepting it would do to `doc`, which is not changed. Raises `Unreadable`, `DiffTooBig`."""
    before = read(doc, ownership.roots)
    target = read(_scratch(doc, packed), ownership.roots)
    locks = {} if despite_locks else locks_of(doc)
    changes: list[EntityChange] = []
    held: list[EntityChange] = []
    locked: SceneLocked | None = None
    kept = fit(before, target, schema)
    for change in difference(before, target):
        states = [content.get(change.root, SharedMap()).get(change.entity) for content in (before, target)]
        if change.root in ownership.server_roots:
            kept.append(Kept(change.root, change.entity, None, ServerOnly.code))
        elif (refusal := locked_by(change.root, change.entity, locks, *states)) is not None:
            kept.append(Kept(change.root, change.entity, None, refusal.code))
            held.append(_without(change, ownership))
            locked = locked or refusal
        else:
            servers = ownership.server_keys.get(change.root, frozenset())
            kept += [
                Kept(change.root, change.entity, key.key, ServerOnly.code) for key in change.keys if key.key in servers
            ]
            allowed = _without(change, ownership)
            if allowed.keys or not change.keys:
                changes.append(allowed)
    return Proposed(target, changes, kept, held, locked)


def _without(change: EntityChange, ownership: Ownership) -> EntityChange:
    """The server's keys."""
    servers = ownership.server_keys.get(change.root, frozenset())
    return replace(change, keys=tuple(key for key in change.keys if key.key not in servers))


def _scratch(doc: Doc[Any], packed: bytes) -> Doc[Any]:
    """A copy of `doc` with the updates on it, each judged again before native code sees it (C1, C2, C4)."""
    whole = doc.get_update()
    index = StructIndex()
    index.load(parse(whole))
    scratch: Doc[Any] = Doc()
    scratch.apply_update(whole)
    try:
        for data in unpack(packed):
            judgement = index.check(parse(data))
            if judgement.missing is None and judgement.adds:
                scratch.apply_update(data)
                index.admit(judgement)
    except (Refused, ValueError) as error:
        raise Unreadable(Unreadable.__doc__) from error
    return scratch
