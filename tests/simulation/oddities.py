"""Timeline content as nobody should write it: what any client may have put into the registers, by seed."""

from random import Random
from typing import Any

KEYS = ("t", "ord", "z", "in", "out", "cut", "slip", "anc", "of", "root", "spd", "xo", "lnk", "del", "scn")


def content(number: int) -> dict[str, Any]:
    """As JSON has it."""
    rng = Random(number)
    names = [f"c{place}" for place in range(rng.randint(1, 8))] + ["bad id", "é", "toString", "__proto__"]

    def value() -> Any:
        return rng.choice(
            (
                None,
                True,
                False,
                0,
                -1,
                rng.randint(-30, 60),
                float(rng.randint(-9, 90)),
                0.5,
                1e300,
                10**20,
                "",
                "V",
                "Wx",
                rng.choice(names),
                rng.choice(names),
                {"c": rng.choice(names), "h": rng.choice((1, 2.5, None, "x"))},
                {"k": "dissolve", "d": 9, "a": 3},
                {"k": "dissolve", "d": 9},
                [2, 1],
                [0, 1],
                [1, 3.0],
                [1],
                {"by": "x"},
                "trk_main",
                "rec",
                "trk_a",
            )
        )

    def entity() -> Any:
        if rng.random() < 0.05:
            return rng.choice((None, 3, "x", []))
        return {key: value() for key in KEYS if rng.random() < 0.6}

    tracks = {
        track: {
            "mode": rng.choice(("mag", "free", 1)),
            "del": rng.choice((None, {"by": 1})),
            "ord": value(),
            "k": value(),
        }
        for track in ("trk_main", "trk_a", "rec")
        if rng.random() < 0.8
    }
    markers = {"m1": {"on": "clip", "c": names[0], "f": 2}, "m2": {"f": value(), "d": value()}, "m3": value()}
    return {"clips": {name: entity() for name in names}, "tracks": tracks, "markers": markers}
