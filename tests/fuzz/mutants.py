"""Mutants of valid updates: whatever the parser and the index accept, pycrdt must apply without a panic or a hang.

Run as a process of its own, because native code may end it: `python -m tests.fuzz.mutants SEED COUNT ANNOUNCE_FILE`.
The file names the update in native hands, so that one that kills or hangs the process can be read afterwards.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from pycrdt import Doc, Map

from sync.errors import Refused
from sync.index import StructIndex
from sync.update import parse
from tests.fuzz.documents import ROOTS, deletes_of, play, state_of
from tests.fuzz.forgery import forge


@dataclass(frozen=True, slots=True)
class Situation:
    """A document and an update that is valid for it."""

    state: bytes
    update: bytes


def situations(rng: Random) -> list[Situation]:
    """Every step of one random studio."""
    server = play(rng, gestures=25, undoes=True)
    doc: Doc[Any] = Doc(client_id=1)
    found: list[Situation] = []
    for update in server.log:
        found.append(Situation(doc.get_update(), update))
        doc.apply_update(update)
    return [*found, Situation(b"\0\0", doc.get_update())]


def mutate(rng: Random, data: bytes, others: list[Situation]) -> bytes:
    """One to four small changes: bits, small numbers, cuts, repetitions, pieces of another update."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        at = rng.randrange(len(out)) if out else 0
        chance = rng.random()
        if not out or chance < 0.1:
            out.insert(at, rng.randrange(256))
        elif chance < 0.3:
            out[at] ^= 1 << rng.randrange(8)
        elif chance < 0.6:
            out[at] = rng.choice((0, 1, 2, 3, 4, 5, 7, 100, 101, 102, 127, 128, 0x84, 0xC4, 0x44, 0x28, 255))
        elif chance < 0.75:
            out[at] = max(0, min(255, out[at] + rng.choice((-2, -1, 1, 2))))
        elif chance < 0.83:
            del out[at : at + rng.randint(1, 4)]
        elif chance < 0.9:
            out[at:at] = out[at : at + rng.randint(1, 12)]
        else:
            other = rng.choice(others).update
            start = rng.randrange(len(other))
            out[at : at + rng.randint(0, 8)] = other[start : start + rng.randint(1, 24)]
    return bytes(out)


def mutants(rng: Random, count: int) -> Iterator[tuple[bytes, bytes]]:
    """(state, mutant or forgery), `count` times, from a new studio every 300."""
    found: list[Situation] = []
    for number in range(count):
        if number % 300 == 0:
            found = situations(rng)
        situation = rng.choice(found)
        if number % 3 == 0:
            yield situation.state, forge(rng, parse(situation.state))
        else:
            yield situation.state, mutate(rng, situation.update, found)


def run(seed: int, count: int, announce: Path) -> dict[str, int]:
    """How many were refused, parked and applied. Raises on any other outcome."""
    tally: Counter[str] = Counter()
    indexes: dict[bytes, StructIndex] = {}
    for state, mutant in mutants(Random(seed), count):
        try:
            update = parse(mutant)
            index = indexes.get(state)
            if index is None:
                index = indexes[state] = StructIndex()
                index.load(parse(state))
            judgement = index.check(update)
        except Refused:
            tally["refused"] += 1
            continue
        if judgement.missing is not None:
            tally["parked"] += 1
            continue
        announce.write_text(f"{state.hex()}\n{mutant.hex()}\n")
        _apply(state, mutant)
        tally["applied"] += 1
    return dict(tally)


def _apply(state: bytes, mutant: bytes) -> None:
    """In native hands: apply, read everything, encode; index and document must agree on what there is now."""
    doc: Doc[Any] = Doc(client_id=1)
    roots = [doc.get(name, type=Map) for name in ROOTS]
    doc.apply_update(state)
    doc.apply_update(mutant)
    for root in roots:
        root.to_py()
        str(root)
    encoded = doc.get_update()
    index = StructIndex()
    index.load(parse(state))
    index.load(parse(mutant))
    assert state_of(encoded) == index.state_vector(), "clocks differ"
    assert deletes_of(encoded) == index.deleted(), "deletions differ"
    again: Doc[Any] = Doc(client_id=2)
    again.apply_update(encoded)
    assert deletes_of(again.get_update()) == index.deleted(), "a copy differs"


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))))
