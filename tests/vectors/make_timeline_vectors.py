"""Writes client-protocol/vectors/timeline-resolve.json: contents, and what `resolve` makes of each as canonical JSON.

`python -m tests.vectors.make_timeline_vectors FILE`. What it writes is checked by eye once and from then on by pytest
and vitest, which both resolve every content anew.
"""

import json
import sys
from pathlib import Path
from typing import Any

from sync.timeline.resolve import resolve
from sync.timeline.view import canonical, to_json
from tests.unit.sync.timeline.stage import DELETED, Content, content, free, main


def _part(of: str, cut: Any, **registers: Any) -> dict[str, Any]:
    return {"of": of, "cut": cut, **registers}


def _anchored(clip: str, d: int, z: int = 0, h: int = 0) -> dict[str, Any]:
    return free(z, anc={"c": clip, "d": d, "h": h})


def _without_tracks() -> Content:
    given = content(a=main("A"), b=free(4, t="gone"), c=free(9))
    given["tracks"]["v2"].update(DELETED)
    given["tracks"]["trk_main"].update(DELETED)
    given["tracks"]["rec"] = {"mode": "mag"}
    return given


def _with_markers() -> Content:
    given = content(a=main("A", **{"in": 4}), b=main("B", 3, **{"in": 3}))
    given["markers"] = {
        "m1": {"on": "tl", "f": 3.0, "d": 2, "k": "chapter"},
        "m2": {"on": "clip", "c": "a", "f": 6, "d": -2, "k": "beat"},
        "m3": {"on": "clip", "c": "a", "f": 2},
        "m4": {"on": "tl", "f": 1, **DELETED},
    }
    return given


def _hostile() -> Content:
    given = content(
        a={**main("A"), "in": 1.5, "out": True, "z": 1e300, "slip": 2**70, "spd": [0, 1], "anc": [], "xo": {"k": "x"}},
        b={**main("B"), "t": "\n", "root": "é", "lnk": 3, "scn": {}, "lock": 1, "del": 0},
        c=free(10_000_000, 10_000_000, **{"in": 9_999_999}),
        constructor={"z": 4, "__proto__": {"z": 5, "t": "trk_main"}},
    )
    given["clips"].update({"__proto__": main("A"), "é": main("A"), "": main("A"), "d": None, "e": [], "f": "text"})
    return given


CASES: dict[str, Content] = {
    "nothing": {},
    "order follows key, root, window, id": content(
        b=main("A", root="r"), a=main("A", 20, root="r", **{"in": 10}), c=main("A", root="q"), Z=main("a"), z=main("Z")
    ),
    "a hole is no hole": content(a=main("A"), b=main("B", **DELETED), c=main("C")),
    "lanes": content(a=free(0), b=free(5), c=free(10), d=free(-30), e=free(5, t="a1")),
    "no tracks": _without_tracks(),
    "trimmed to nothing, and joined parts of it": content(
        a=main("A", 4, **{"in": 9}), b=_part("a", None), c=main("C", 0)
    ),
    "one root, overlapping": content(
        a=free(0, 9, root="r"), b=free(0, 9, root="r"), c=free(0, 5, root="r"), d=free(0, 7, root="r", **{"in": 5})
    ),
    "parts": content(
        a=free(100, 48, slip=3, spd=[-2, 1], scn="scn_1", xo={"k": "wipe", "d": 6, "a": 3}),
        b=_part("a", 20),
        c=_part("a", 10, z=90),
        d=_part("b", 30, slip=-1),
        e=_part("b", 40, **DELETED),
        f=free(148),
    ),
    "parts trimmed away": content(a=main("A", 3), b=_part("a", 4), c=main("C", 20, **{"in": 8}), d=_part("c", 6)),
    "parts of the deleted": content(a=main("A", **DELETED), b=_part("a", 4), c=_part("a", 6, **{"del": None})),
    "parts in a circle": content(a=free(0, of="c", cut=1), b=_part("a", 4), c=_part("b", 6), x=free(0, of="x", cut=3)),
    "a whole repaired, parts kept": content(a=free(0, 30), b=_part("a", 20), x=free(100, 9, root="a", **{"in": 5})),
    "twins with parts": content(a=free(0), b=_part("a", 4), c=_part("a", 4), d=_part("c", 7)),
    "anchors": content(
        a=main("A"),
        b=main("B", **{"in": 2}),
        p=_part("b", 6, ord="Z"),
        m=_anchored("b", 3, 104, 100),
        n=_anchored("b", 7),
    ),
    "anchors lost": content(
        a=main("A"),
        b=main("B", **DELETED),
        c=free(9),
        k=_anchored("b", 3),
        m=_anchored("c", 3, 40, 30),
        n=_anchored("no", 1, 5),
    ),
    "transitions": content(
        a=main("A", 10, xo={"k": "dissolve", "d": 12, "a": 6}),
        b=main("B", 6, xo={"k": "dip", "d": 1, "a": 1}),
        c=main("C", 1, xo={"k": "fade", "d": 2, "a": 1}),
        d=free(0, xo={"k": "wipe", "d": 4, "a": 0}),
        e=free(10),
        f=free(21, xo={"k": "wipe", "d": 4, "a": 0}),
    ),
    "markers": _with_markers(),
    "links and locks": content(a=main("A", lnk="l"), b=free(4, slip=1, lnk="l", lock=True), c=free(50, lnk="alone")),
    "hostile": _hostile(),
}


def vectors() -> list[dict[str, Any]]:
    """name, content, resolved."""
    return [
        {"name": name, "content": given, "resolved": canonical(to_json(resolve(given)))}
        for name, given in CASES.items()
    ]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(vectors(), indent=1) + "\n")
