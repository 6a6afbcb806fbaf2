"""`python -m tests.vectors.make_timeline_vectors`: writes timeline.json and timeline-gestures.json of the vectors.

Both say what Python does; `tests/unit/sync/test_timeline_vectors.py` sees that they still do, vitest that TypeScript
does the same.
"""

import json
from pathlib import Path
from random import Random
from typing import Any

from pycrdt import Doc, Map

from sync.errors import GestureImpossible, NoSuchEntity
from sync.timeline import seed
from sync.timeline.content import MAIN_TRACK
from sync.timeline.gestures import Timeline
from sync.timeline.hand import content_of
from sync.timeline.resolve import canonical, resolve
from tests.simulation import oddities
from tests.simulation.documents import FREE, play

VECTORS = Path(__file__).resolve().parents[2] / "client-protocol" / "vectors"
REPAIRED = 25
ODDITIES = 120
SEQUENCES = 60
STEPS = 15


def resolved(content: dict[str, Any]) -> str:
    film = resolve(content)
    return canonical({"view": film.view, "repairs": [list(repair) for repair in film.repairs]})


def films() -> list[dict[str, Any]]:
    """End states of replicas that needed repair, and what nobody should write."""
    cases: list[dict[str, Any]] = []
    number = 0
    while len(cases) < REPAIRED:
        outcome = play(number)
        if outcome.repairs:
            cases.append({"name": f"replicas {number}", "content": outcome.content, "resolved": outcome.canonical})
        number += 1
    for number in range(ODDITIES):
        content = oddities.timeline(number)
        cases.append({"name": f"oddities {number}", "content": content, "resolved": resolved(content)})
    return cases


def sequences() -> list[dict[str, Any]]:
    """Gestures one after another on a film, each by name with its arguments, and what is seen in the end."""
    return [_sequence(Random(number), number) for number in range(SEQUENCES)]


def _sequence(rng: Random, number: int) -> dict[str, Any]:
    doc: Doc[Any] = Doc(client_id=1)
    doc.apply_update(seed.seed(1, (24, 1), "Film"))
    for place, track in enumerate(FREE):
        doc.get("tracks", type=Map)[track] = Map({"k": "audio", "mode": "free", "ord": f"W{place}"})
    hand = Timeline(doc, rng.randbytes, "usr_x", 1)
    for at in range(3):
        hand.insert(MAIN_TRACK, at, rng.randint(10, 60))
    for _ in range(3):
        hand.insert(rng.choice(FREE), rng.randint(0, 100), rng.randint(10, 60))
    state = doc.get_update()
    steps = [_step(hand, rng) for _ in range(STEPS)]
    return {"name": f"sequence {number}", "state": state.hex(), "steps": steps, "resolved": resolved(content_of(doc))}


def _step(hand: Timeline, rng: Random) -> dict[str, Any]:
    placed = hand.seen().placed
    clips = sorted(placed) or [""]
    clip = rng.choice(clips)
    start, frames = (placed[clip].start, placed[clip].frames) if placed else (0, 1)
    name, arguments = rng.choice(
        (
            ("move", [clip, start + rng.randint(-40, 40)]),
            ("reorder", [clip, rng.randint(0, 6)]),
            ("change_track", [clip, rng.choice((MAIN_TRACK, *FREE))]),
            ("trim_head", [clip, rng.randint(-15, 15)]),
            ("trim_tail", [clip, rng.randint(-15, 15)]),
            ("slip", [clip, rng.randint(-9, 9)]),
            ("slide", [clip, rng.randint(-9, 9)]),
            ("roll", [clip, rng.randint(-9, 9)]),
            ("split", [clip, start + rng.randint(0, frames)]),
            ("split", [clip, start + frames // 2]),
            ("join", [clip]),
            ("ripple_delete", [clip]),
            ("lift", [clip]),
            ("restore", [rng.choice(sorted(content_of(hand.doc)["clips"]))]),
            ("retime", [clip, rng.randint(0, 4), rng.randint(1, 4)]),
            ("anchor", [clip, rng.choice(clips)]),
            ("unanchor", [clip]),
            ("remove_track", [rng.choice((MAIN_TRACK, FREE[1]))]),
        )
    )
    try:
        getattr(hand, name)(*arguments)
    except GestureImpossible:
        return {"gesture": name, "arguments": arguments, "error": "GestureImpossible"}
    except NoSuchEntity:
        return {"gesture": name, "arguments": arguments, "error": "NoSuchEntity"}
    return {"gesture": name, "arguments": arguments}


def written(cases: list[dict[str, Any]]) -> str:
    return "[\n" + ",\n".join(json.dumps(case, separators=(",", ":"), sort_keys=True) for case in cases) + "\n]\n"


FILES = {"timeline.json": films, "timeline-gestures.json": sequences}


def main() -> None:
    for name, cases in FILES.items():
        (VECTORS / name).write_text(written(cases()))


if __name__ == "__main__":
    main()
