"""The rules of every key of a timeline.

Generated from client-protocol/schema/ by `python -P -m deploy.local.schema`; change that, not this.
"""

# fmt: off
from typing import Final

from sync.rules import BOOLEAN, INTEGER, LIST, NULL, OBJECT, STRINGS, Rule
from sync.update import TYPE_MAP

_ORDER: Final = Rule(STRINGS | NULL, names=r"^[0-9A-Za-z]{0,256}$")

_DELETION: Final = Rule(
    OBJECT | NULL,
    keys={
        "by": Rule(STRINGS, size_max=64),
        "at": Rule(INTEGER | STRINGS | NULL, low=0, high=9007199254740991, size_max=32),
    },
)

_TRACK: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "k": Rule(STRINGS | NULL, choices=("video", "audio", "title", "guide")),
        "mode": Rule(STRINGS | NULL, choices=("mag", "free")),
        "ord": _ORDER,
        "name": Rule(STRINGS | NULL, size_max=80),
        "on": Rule(BOOLEAN | NULL),
        "lock": Rule(BOOLEAN | NULL),
        "mute": Rule(BOOLEAN | NULL),
        "solo": Rule(BOOLEAN | NULL),
        "lang": Rule(STRINGS | NULL, size_max=35),
        "col": Rule(STRINGS | NULL, size_max=16),
        "del": _DELETION,
    },
)

_CLIP: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "t": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "ord": _ORDER,
        "z": Rule(INTEGER | NULL, low=-10000000, high=10000000),
        "in": Rule(INTEGER | NULL, low=-10000000, high=10000000),
        "out": Rule(INTEGER | NULL, low=-10000000, high=10000000),
        "cut": Rule(INTEGER | NULL, low=-10000000, high=10000000),
        "of": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "root": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "slip": Rule(INTEGER | NULL, low=-10000000, high=10000000),
        "sub": Rule(INTEGER | NULL, low=0, high=48000),
        "anc": Rule(
            OBJECT | NULL,
            keys={
                "c": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
                "h": Rule(INTEGER | NULL, low=-10000000, high=10000000),
            },
        ),
        "scn": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "sht": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "src": Rule(
            OBJECT | NULL,
            bytes_max=1024,
            keys={
                "k": Rule(STRINGS | NULL, choices=("scene", "asset", "gap", "gen")),
                "take": Rule(STRINGS | NULL, size_max=70),
                "id": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
                "kind": Rule(STRINGS | NULL, size_max=32),
                "params": Rule(),
            },
        ),
        "spd": Rule(LIST | NULL, size_min=2, size_max=2, items=Rule(INTEGER, low=1, high=1000)),
        "xo": Rule(
            OBJECT | NULL,
            keys={
                "k": Rule(STRINGS | NULL, choices=("dissolve", "wipe", "dip", "fade")),
                "d": Rule(INTEGER | NULL, low=0, high=10000000),
                "a": Rule(INTEGER | NULL, low=0, high=10000000),
            },
        ),
        "lnk": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "grp": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "lvl": Rule(INTEGER | NULL, low=-14400, high=4800),
        "pan": Rule(INTEGER | NULL, low=-100, high=100),
        "cdl": Rule(
            LIST | NULL,
            size_min=10,
            size_max=10,
            items=Rule(INTEGER, low=-100000000, high=100000000),
        ),
        "fx": Rule(LIST | NULL, size_max=64, bytes_max=4096, items=Rule()),
        "on": Rule(BOOLEAN | NULL),
        "lock": Rule(BOOLEAN | NULL),
        "lab": Rule(STRINGS | NULL, size_max=32),
        "note": Rule(STRINGS | NULL, size_max=500),
        "del": _DELETION,
    },
)

_MARKER: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "on": Rule(STRINGS | NULL, choices=("tl", "clip")),
        "c": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "f": Rule(INTEGER | NULL, low=-10000000, high=10000000),
        "d": Rule(INTEGER | NULL, low=0, high=10000000),
        "col": Rule(STRINGS | NULL, size_max=16),
        "name": Rule(STRINGS | NULL, size_max=120),
        "txt": Rule(STRINGS | NULL, size_max=1000),
        "k": Rule(STRINGS | NULL, choices=("note", "chapter", "beat", "todo", "cue")),
        "del": _DELETION,
    },
)

_GROUP: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "name": Rule(STRINGS | NULL, size_max=120),
        "col": Rule(STRINGS | NULL, size_max=16),
        "on": Rule(BOOLEAN | NULL),
        "lock": Rule(BOOLEAN | NULL),
        "del": _DELETION,
    },
)

_CUT: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "title": Rule(STRINGS | NULL, size_max=120),
        "by": Rule(STRINGS | NULL, size_max=64),
        "at": Rule(INTEGER | NULL, low=0, high=9007199254740991),
        "snap": Rule(STRINGS | NULL, size_max=128),
        "hash": Rule(STRINGS | NULL, names=r"^[0-9a-f]{64}$"),
    },
)

TIMELINE: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "meta": Rule(
            shared=TYPE_MAP,
            keys={
                "v": Rule(INTEGER | NULL, low=1, high=1),
                "rate": Rule(
                    LIST | NULL,
                    is_servers=True,
                    size_min=2,
                    size_max=2,
                    items=Rule(INTEGER, low=1, high=1000000),
                ),
                "tc0": Rule(INTEGER | NULL, low=0, high=10000000),
                "df": Rule(BOOLEAN | NULL),
                "w": Rule(INTEGER | NULL, low=16, high=16384),
                "h": Rule(INTEGER | NULL, low=16, high=16384),
                "par": Rule(
                    LIST | NULL,
                    size_min=2,
                    size_max=2,
                    items=Rule(INTEGER, low=1, high=10000),
                ),
                "title": Rule(STRINGS | NULL, size_max=200),
                "ep": Rule(STRINGS | NULL, size_max=64),
                "cs": Rule(STRINGS | NULL, size_max=64),
                "snap": Rule(INTEGER | NULL, low=0, high=2147483647),
            },
        ),
        "tracks": Rule(
            shared=TYPE_MAP,
            size_max=256,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_TRACK,
        ),
        "clips": Rule(
            shared=TYPE_MAP,
            size_max=20000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_CLIP,
        ),
        "markers": Rule(
            shared=TYPE_MAP,
            size_max=8000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_MARKER,
        ),
        "groups": Rule(
            shared=TYPE_MAP,
            size_max=5000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_GROUP,
        ),
        "cuts": Rule(
            shared=TYPE_MAP,
            is_servers=True,
            size_max=10000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_CUT,
        ),
        "ext": Rule(shared=TYPE_MAP, size_max=1000, names_max=64, others=Rule(bytes_max=1024)),
    },
)
