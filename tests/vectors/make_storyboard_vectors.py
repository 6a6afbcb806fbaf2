"""`python -m tests.vectors.make_storyboard_vectors`: writes storyboard.json and storyboard-gestures.json.

Both say what Python does; `tests/unit/sync/test_storyboard_vectors.py` sees that they still do, vitest that TypeScript
does the same.
"""

from random import Random
from typing import Any

from pycrdt import Doc

from sync.errors import GestureImpossible, NoSuchEntity
from sync.storyboard.content import content_of
from sync.storyboard.resolve import resolve
from tests.simulation import oddities
from tests.simulation.storyboards import ACTS, WEIGHTS, board, person, play, said, take
from tests.vectors.make_timeline_vectors import VECTORS, written

REPAIRED = 8
ODDITIES = 60
SEQUENCES = 40
STEPS = 25


def stories() -> list[dict[str, Any]]:
    """End states of replicas that needed repair, and what nobody should write."""
    cases: list[dict[str, Any]] = []
    number = 0
    while len(cases) < REPAIRED:
        outcome = play(number)
        if outcome.repairs:
            cases.append({"name": f"replicas {number}", "content": outcome.content, "resolved": outcome.canonical})
        number += 1
    for number in range(ODDITIES):
        content = oddities.storyboard(number)
        cases.append({"name": f"oddities {number}", "content": content, "resolved": said(content, resolve(content))})
    return cases


def sequences() -> list[dict[str, Any]]:
    """Gestures one after another on a story, each by name with its arguments, and what is seen in the end."""
    return [_sequence(Random(number), number) for number in range(SEQUENCES)]


def _sequence(rng: Random, number: int) -> dict[str, Any]:
    doc = board(rng)
    for step in range(3):
        take(doc, rng, step)
    before = content_of(doc)
    steps = [_step(doc, rng, place) for place in range(STEPS)]
    content = content_of(doc)
    return {
        "name": f"sequence {number}",
        "content": before,
        "steps": steps,
        "resolved": said(content, resolve(content)),
    }


def _step(doc: Doc[Any], rng: Random, place: int) -> dict[str, Any]:
    one = person(doc, rng, collides=False)
    (name,) = rng.choices(list(ACTS), WEIGHTS)
    step = {"gesture": name, "arguments": ACTS[name](one, f"new_{place}")}
    try:
        getattr(one.hand, name)(*step["arguments"])
    except GestureImpossible:
        return {**step, "error": "GestureImpossible"}
    except NoSuchEntity:
        return {**step, "error": "NoSuchEntity"}
    return step


FILES = {"storyboard.json": stories, "storyboard-gestures.json": sequences}


def main() -> None:
    for name, cases in FILES.items():
        (VECTORS / name).write_text(written(cases()))


if __name__ == "__main__":
    main()
