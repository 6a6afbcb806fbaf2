"""Content as nobody should write it: what any client may have put into the registers of a document, by seed."""

from random import Random
from typing import Any

KEYS = ("t", "ord", "z", "in", "out", "cut", "slip", "anc", "of", "root", "spd", "xo", "lnk", "del", "scn")


def timeline(number: int) -> dict[str, Any]:
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


def storyboard(number: int) -> dict[str, Any]:
    """As JSON has it."""
    rng = Random(number)
    names = [f"s{place}" for place in range(rng.randint(1, 6))] + ["bad id", "é", "toString", "__proto__"]
    orders = ("V", "V", "V0", "VV", "W", "", "a b", "é", 5, None, "zz", "z" * 256, "V" * 60, "A" * 300)

    def value(key: str) -> Any:
        if key == "ord":
            return rng.choice(orders)
        if key == "del" and rng.random() < 0.5:
            return None
        return rng.choice(
            (
                None,
                True,
                False,
                0,
                -0.0,
                7,
                2.0,
                0.5,
                1e300,
                2**53,
                "",
                "text 🎬",
                rng.choice(names),
                rng.choice(names),
                rng.choice(names),
                [1, 2.5, None, {"a": 1.0, "bad key": 2, "__proto__": 3}],
                {"by": "x", "at": 1.0},
                {"ie": "INT", "deep": {"b": [True]}},
                [],
                {},
            )
        )

    def entity(keys: tuple[str, ...]) -> Any:
        if rng.random() < 0.05:
            return rng.choice((None, 3, "x", []))
        return {key: value(key) for key in keys if rng.random() < 0.7}

    keys = ("ord", "par", "del", "into", "title", "num", "slug", "dlg", "cur", "want", "est_f", "lock", "desc", "name")
    roots = ("acts", "seqs", "scenes", "shots", "beats", "env", "props", "looks")
    made: dict[str, Any] = {root: {name: entity(keys) for name in names} for root in roots if rng.random() < 0.9}
    takes = {name: entity(("scn", "n", "st")) for name in names}
    return {**made, "takes": takes, "jobs": 5}
