"""The table at the end: each line says what was seen and whether that is as it must be.

Pure: everything that it judges has been gathered before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from deploy.local.demo.cast import Project
from deploy.local.demo.performance import markers
from deploy.local.demo.replicas import Replica
from deploy.local.demo.reviewer import Event
from deploy.local.demo.takes import Film

PREVIEWS_MIN = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `value` is for people, `number` for the JSON."""

    key: str
    what: str
    value: str
    ok: bool
    number: Any


@dataclass(frozen=True, slots=True)
class Edits:
    """`acknowledged_at_kill`: Ada's edits that the dead hub had called saved; `log_at_kill`: the log right after."""

    ada: int
    ben: int
    acknowledged: frozenset[int]
    acknowledged_at_kill: frozenset[int]
    log_at_kill: Replica


@dataclass
class Seen:
    """All that was gathered. `ticks`: (stage, per cent) as Ben saw them; `sharpness`: of the previews."""

    project: Project
    edits: Edits
    replicas: Sequence[Replica]
    ticks: Sequence[tuple[str, int]]
    sharpness: Sequence[float]
    events: Sequence[Event]
    event_gaps: int
    take: dict[str, Any]
    film: Film
    gone_s: float
    seconds: float


def lines(seen: Seen) -> list[Line]:
    """The table."""
    edits = seen.edits
    made = edits.ada + edits.ben
    return [
        Line("edits", "edits by both editors", f"{made} ({edits.ada} + {edits.ben})", made > 0, made),
        _acknowledged(edits),
        _kill(seen),
        _steps(seen),
        _previews(seen),
        _events(seen),
        _equal(seen.replicas),
        _lost(seen),
        _kept(seen),
        _take(seen),
        Line("seconds", "seconds", f"{seen.seconds:.1f}", True, round(seen.seconds, 1)),
    ]


def _acknowledged(edits: Edits) -> Line:
    count = len(edits.acknowledged)
    what = "acknowledged after their commit (Hocuspocus SyncStatus)"
    return Line("acks", what, f"{count} of {edits.ada}", count == edits.ada, count)


def _kill(seen: Seen) -> Line:
    before = len(seen.edits.acknowledged_at_kill)
    value = f"after {before} acknowledged edits; back after {seen.gone_s:.1f} s"
    in_the_middle = 0 < before < seen.edits.ada
    return Line("kill", "hub A killed with -9 while Ada typed", value, in_the_middle, round(seen.gone_s, 2))


def _steps(seen: Seen) -> Line:
    steps = len(set(seen.ticks))
    stages = list(dict.fromkeys(stage for stage, _ in seen.ticks))
    return Line("progress_steps", "progress steps in Ben's editor", f"{steps} ({', '.join(stages)})", steps > 1, steps)


def _previews(seen: Seen) -> Line:
    """Sharpness is measured on the pictures themselves."""
    steps = list(seen.sharpness)
    sharper = len(steps) >= PREVIEWS_MIN and all(one < two for one, two in pairwise(steps))
    value = f"{len(steps)}, measured sharpness {' < '.join(f'{step:.2f}' for step in steps)}"
    return Line("previews", "previews in the document, seen by Ben's editor", value, sharper, len(steps))


def _events(seen: Seen) -> Line:
    numbered = [event for event in seen.events if event.cursor is not None]
    kinds = {event.kind for event in numbered}
    ok = seen.event_gaps == 0 and {"job", "preview", "take"} <= kinds
    ticks = len(seen.events) - len(numbered)
    value = f"{len(numbered)} without a gap, and {ticks} ticks" if ok else f"{len(numbered)}, {seen.event_gaps} gaps"
    return Line("sse_events", "events that the reviewer saw", value, ok, len(seen.events))


def _equal(replicas: Sequence[Replica]) -> Line:
    hashes = {(replica.snapshot_hash, replica.content_hash) for replica in replicas}
    equal = len(hashes) == 1 and not any(replica.pending for replica in replicas)
    names = ", ".join(replica.name for replica in replicas)
    what = "replicas equal by hash, deletions included"
    differing = ", ".join(f"{replica.name} {replica.snapshot_hash[:8]}" for replica in replicas)
    value = f"{len(replicas)}: {names}" if equal else differing
    return Line("replicas_equal", what, value, equal, equal)


def _lost(seen: Seen) -> Line:
    """Acknowledged edits are looked for in the log at once after the kill, and in every replica at the end."""
    edits = seen.edits
    lost = edits.acknowledged_at_kill - markers(edits.log_at_kill.content, seen.project, "a")
    for replica in seen.replicas:
        lost |= edits.acknowledged - markers(replica.content, seen.project, "a")
    return Line("acknowledged_edits_lost", "acknowledged edits lost", str(len(lost)), not lost, len(lost))


def _kept(seen: Seen) -> Line:
    """Ben's edits have no acknowledgement; his and Ada's unacknowledged ones must arrive all the same."""
    content = seen.replicas[0].content
    found = len(markers(content, seen.project, "a")) + len(markers(content, seen.project, "b"))
    missing = seen.edits.ada + seen.edits.ben - found
    return Line("edits_missing", "edits missing at the end", str(missing), missing == 0, missing)


def _take(seen: Seen) -> Line:
    film = seen.film
    promised = int(seen.take["frames"])
    ok = film.frames == promised and film.frames > 0 and film.audible
    sound = f"sound of {film.sound_s:.1f} s at {film.loudness_dbfs:.0f} dBFS" if film.audible else "NO SOUND"
    value = f"{film.frames} of {promised} frames, {sound}"
    return Line("take_frames", "the take decodes", value, ok, film.frames)


def result(table: Sequence[Line]) -> dict[str, Any]:
    """The last line of output."""
    return {"ok": all(line.ok for line in table), **{line.key: line.number for line in table}}
