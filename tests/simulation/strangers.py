"""Somebody without our gestures: writes raw registers that the schema allows, in combinations that mean nothing.

Anybody can with any Yjs client, and the hub lets it pass: each value is in order by itself (PROTOCOL.md, W57).
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from pycrdt import Doc, Map, Text

from sync.names import Kind
from sync.registers import WHOLE_MAX
from sync.schema import SCHEMAS
from sync.storyboard.content import PARENTS, TEXTS
from sync.timeline.content import FRAMES_MAX, KINDS, MAIN_TRACK, RATIO_MAX, RECOVERED
from sync.timeline.hand import ROOTS

NAMES = (
    "toString",
    "__proto__",
    "constructor",
    "s0",
    "s1",
    "s2",
    "s3",
    "s4",
    "s5",
    RECOVERED,
    MAIN_TRACK,
    "-",
    "n" * 64,
)
ORDERS = ("", "V", "V", "V0", "V00", "V01", "z", "0", "00", "z" * 256, "z" * 255 + "1", "V" + "0" * 255, "V" * 60)


def scribble_timeline(doc: Doc[Any], rng: Random) -> None:
    """One transaction."""
    ids = [*sorted(doc.get("clips", type=Map)), *NAMES]

    def frame() -> int:
        edge = rng.choice((FRAMES_MAX, FRAMES_MAX - 1, 1, 0))
        return rng.choice((edge, -edge, rng.randint(-60, 200), rng.randint(-60, 200)))

    values: Mapping[str, Callable[[], Any]] = {
        "t": lambda: rng.choice([*sorted(doc.get("tracks", type=Map)), MAIN_TRACK, RECOVERED, *NAMES]),
        "ord": lambda: rng.choice(ORDERS),
        **dict.fromkeys(("z", "in", "out", "cut", "slip", "f"), frame),
        "of": lambda: rng.choice(ids),
        "root": lambda: rng.choice(ids),
        "anc": lambda: rng.choice(({"c": rng.choice(ids), "h": frame()}, {"c": rng.choice(ids)}, {"h": 3}, {})),
        "spd": lambda: [rng.choice((1, 2, 7, RATIO_MAX)), rng.choice((1, 3, RATIO_MAX))],
        "xo": lambda: {"k": rng.choice(("dissolve", "wipe")), "d": abs(frame()), "a": abs(frame())},
        "lnk": lambda: rng.choice(ids),
        "src": lambda: {"k": "gap"},
        "del": lambda: rng.choice((None, {"by": "x", "at": 1})),
        "k": lambda: rng.choice(KINDS),
        "mode": lambda: rng.choice(("mag", "free")),
        "on": lambda: rng.choice(("tl", "clip")),
        "c": lambda: rng.choice(ids),
        "d": lambda: abs(frame()),
    }
    keys = {
        "clips": ("t", "ord", "z", "in", "out", "cut", "slip", "of", "root", "anc", "spd", "xo", "lnk", "src", "del"),
        "tracks": ("ord", "k", "mode", "del"),
        "markers": ("on", "c", "f", "d", "del"),
    }
    root = rng.choice(("clips", "clips", "clips", "clips", *ROOTS))
    _scribble(doc, rng, Kind.TIMELINE, root, {key: values[key] for key in keys[root]})


def scribble_storyboard(doc: Doc[Any], rng: Random) -> None:
    """One transaction."""
    found = [entity for root in ("acts", "seqs", "scenes") for entity in sorted(doc.get(root, type=Map))]
    ids = [*found, *NAMES]
    values: Mapping[str, Callable[[], Any]] = {
        "ord": lambda: rng.choice(ORDERS),
        "par": lambda: rng.choice(["", *ids]),
        "del": lambda: rng.choice((None, {"by": "x"}, {"by": "x", "at": "long ago"})),
        "into": lambda: rng.choice(ids),
        "want": lambda: rng.choice(["", *sorted(doc.get("takes", type=Map)), *NAMES]),
        "num": lambda: rng.choice(("", "12", "12A", "n" * 16)),
        "est_f": lambda: rng.choice((0, FRAMES_MAX)),
        "pin": lambda: {"tak_01": "take", "title": True},
        "dlg": lambda: rng.choice(([], [{"c": "ANA", "txt": "🎬"}] * 200)),
        "dur_f": lambda: FRAMES_MAX,
        "dlg_ref": lambda: rng.choice((0, 199)),
        "prm": lambda: {"seed": WHOLE_MAX, "fps": [24, 1]},
    }
    of_scenes = ("want", "num", "est_f", "pin", "dlg", "prm", "into", "into", "par")
    root = rng.choice(("scenes", "scenes", "scenes", "shots", *PARENTS))
    keys = ["ord", "del", *(["par", "par"] if PARENTS[root] else [])]
    keys += of_scenes if root == "scenes" else ("dur_f", "dlg_ref") if root == "shots" else ()
    _scribble(doc, rng, Kind.STORYBOARD, root, {key: values[key] for key in keys})


def _scribble(doc: Doc[Any], rng: Random, kind: Kind, root: str, values: Mapping[str, Callable[[], Any]]) -> None:
    """Into an entity that is there, or into one that is new."""
    rule = SCHEMAS[kind].rule.keys[root].others
    assert rule is not None
    entities = doc.get(root, type=Map)
    entity = rng.choice([*sorted(entities), *NAMES])
    chosen = rng.choices(list(values), k=rng.randint(1, 4))
    written = {key: None if rng.random() < 0.05 else values[key]() for key in chosen}
    for key, value in written.items():
        rule.child(key).check(value)
    with doc.transaction():
        if entity not in entities:
            text = TEXTS.get(root) if kind is Kind.STORYBOARD else None
            made: dict[str, Any] = {**written, **({text: Text("")} if text is not None and rng.random() < 0.5 else {})}
            entities[entity] = Map(made)
            return
        for key, value in written.items():
            if key in entities[entity] and rng.random() < 0.1:
                del entities[entity][key]
            else:
                entities[entity][key] = value
