"""The rules of every key of a storyboard.

Generated from client-protocol/schema/ by `python -P -m deploy.local.schema`; change that, not this.
"""

# fmt: off
from typing import Final

from sync.rules import BOOLEAN, INTEGER, LIST, NULL, OBJECT, STRINGS, Rule
from sync.update import TYPE_MAP, TYPE_TEXT

_ORDER: Final = Rule(STRINGS | NULL, names=r"^[0-9A-Za-z]{0,256}$")

_DELETION: Final = Rule(
    OBJECT | NULL,
    keys={
        "by": Rule(STRINGS, size_max=64),
        "at": Rule(INTEGER | STRINGS | NULL, low=0, high=9007199254740991, size_max=32),
    },
)

_ACT: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "ord": _ORDER,
        "del": _DELETION,
        "title": Rule(STRINGS | NULL, size_max=200),
        "note": Rule(STRINGS | NULL, size_max=1000),
    },
)

_SEQUENCE: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "ord": _ORDER,
        "del": _DELETION,
        "par": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "title": Rule(STRINGS | NULL, size_max=200),
        "note": Rule(STRINGS | NULL, size_max=1000),
    },
)

_SCENE: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "ord": _ORDER,
        "par": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "num": Rule(STRINGS | NULL, size_max=16),
        "slug": Rule(
            OBJECT | NULL,
            keys={
                "ie": Rule(STRINGS | NULL, size_max=16),
                "loc": Rule(STRINGS | NULL, size_max=200),
                "tod": Rule(STRINGS | NULL, size_max=64),
            },
        ),
        "title": Rule(STRINGS | NULL, size_max=200),
        "prompt": Rule(shared=TYPE_TEXT, size_max=8000),
        "neg": Rule(STRINGS | NULL, size_max=2000),
        "prm": Rule(
            OBJECT | NULL,
            keys={
                "seed": Rule(INTEGER | NULL, low=0, high=9007199254740991),
                "steps": Rule(INTEGER | NULL, low=1, high=1000),
                "w": Rule(INTEGER | NULL, low=16, high=16384),
                "h": Rule(INTEGER | NULL, low=16, high=16384),
                "fps": Rule(
                    LIST | NULL,
                    size_min=2,
                    size_max=2,
                    items=Rule(INTEGER, low=1, high=1000000),
                ),
                "dur_f": Rule(INTEGER | NULL, low=1, high=10000000),
                "model": Rule(STRINGS | NULL, size_max=128),
                "cfg": Rule(INTEGER | NULL, low=0, high=100000),
            },
        ),
        "brain": Rule(
            OBJECT | NULL,
            keys={
                "id": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
                "ver": Rule(INTEGER | STRINGS | NULL, low=0, high=2147483647, size_max=64),
                "strength": Rule(INTEGER | NULL, low=0, high=100),
            },
        ),
        "cast": Rule(
            OBJECT | NULL,
            size_max=24,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=Rule(
                OBJECT | NULL,
                keys={
                    "look": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
                    "pos": Rule(STRINGS | NULL, size_max=200),
                    "emo": Rule(STRINGS | NULL, size_max=200),
                },
            ),
        ),
        "want": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "into": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "own": Rule(STRINGS | NULL, choices=("human", "ai")),
        "pin": Rule(
            OBJECT | NULL,
            size_max=32,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=Rule(BOOLEAN | STRINGS, size_max=16),
        ),
        "cont": Rule(
            OBJECT | NULL,
            keys={
                "from": Rule(STRINGS | NULL, choices=("new", "take_last_frame", "scene")),
                "scn": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
            },
        ),
        "beat": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "est_f": Rule(INTEGER | NULL, low=0, high=10000000),
        "dlg": Rule(
            LIST | NULL,
            size_max=200,
            items=Rule(
                OBJECT,
                keys={
                    "c": Rule(STRINGS | NULL, size_max=128),
                    "txt": Rule(STRINGS | NULL, size_max=2000),
                    "paren": Rule(STRINGS | NULL, size_max=200),
                },
            ),
        ),
        "enh": Rule(
            OBJECT | NULL,
            is_servers=True,
            keys={
                "txt": Rule(STRINGS | NULL, size_max=16000),
                "of_hash": Rule(STRINGS | NULL, size_max=64),
                "model": Rule(STRINGS | NULL, size_max=128),
                "at": Rule(INTEGER | NULL, low=0, high=9007199254740991),
            },
        ),
        "st": Rule(
            STRINGS | NULL,
            is_servers=True,
            choices=("draft", "pending", "generating", "complete", "locked", "failed"),
        ),
        "cur": Rule(STRINGS | NULL, is_servers=True, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "lock": Rule(
            OBJECT | NULL,
            is_servers=True,
            keys={
                "by": Rule(STRINGS | NULL, size_max=64),
                "at": Rule(INTEGER | NULL, low=0, high=9007199254740991),
                "why": Rule(STRINGS | NULL, size_max=300),
                "take": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
                "run": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
            },
        ),
        "del": _DELETION,
    },
)

_SHOT: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "ord": _ORDER,
        "par": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "size": Rule(STRINGS | NULL, size_max=32),
        "angle": Rule(STRINGS | NULL, size_max=32),
        "move": Rule(STRINGS | NULL, size_max=32),
        "lens_mm": Rule(INTEGER | NULL, low=1, high=2000),
        "f_stop": Rule(INTEGER | NULL, low=500, high=64000),
        "rig": Rule(STRINGS | NULL, size_max=64),
        "dur_f": Rule(INTEGER | NULL, low=0, high=10000000),
        "desc": Rule(shared=TYPE_TEXT, size_max=8000),
        "dlg_ref": Rule(INTEGER | NULL, low=0, high=199),
        "audio": Rule(STRINGS | NULL, size_max=1000),
        "board": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "screen_dir": Rule(STRINGS | NULL, choices=("L", "R")),
        "axis": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "del": _DELETION,
    },
)

_BEAT: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "ord": _ORDER,
        "del": _DELETION,
        "par": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "name": Rule(STRINGS | NULL, size_max=120),
        "purpose": Rule(STRINGS | NULL, size_max=1000),
        "at": Rule(INTEGER | NULL, low=0, high=1000),
    },
)

_ENVIRONMENT: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "ord": _ORDER,
        "del": _DELETION,
        "name": Rule(STRINGS | NULL, size_max=120),
        "txt": Rule(STRINGS | NULL, size_max=2000),
        "ref": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
    },
)

_PROP: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "ord": _ORDER,
        "del": _DELETION,
        "name": Rule(STRINGS | NULL, size_max=120),
        "txt": Rule(STRINGS | NULL, size_max=2000),
        "ref": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
    },
)

_LOOK: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "ord": _ORDER,
        "del": _DELETION,
        "char": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "name": Rule(STRINGS | NULL, size_max=120),
        "txt": Rule(STRINGS | NULL, size_max=2000),
        "ref": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
    },
)

_JOB: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "scn": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "sht": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "kind": Rule(STRINGS | NULL, size_max=32),
        "st": Rule(STRINGS | NULL, size_max=32),
        "stage": Rule(STRINGS | NULL, size_max=64),
        "pct": Rule(INTEGER | NULL, low=0, high=100),
        "att": Rule(INTEGER | NULL, low=0, high=1000),
        "seq": Rule(INTEGER | NULL, low=0, high=9007199254740991),
        "q": Rule(INTEGER | NULL, low=0, high=1000000),
        "eta_ms": Rule(INTEGER | NULL, low=0, high=1099511627776),
        "cost": Rule(INTEGER | NULL, low=0, high=9007199254740991),
        "err": Rule(
            OBJECT | NULL,
            keys={
                "code": Rule(STRINGS | NULL, size_max=64),
                "msg": Rule(STRINGS | NULL, size_max=300),
            },
        ),
        "offer": Rule(
            OBJECT | NULL,
            keys={
                "id": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
                "take": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
                "scn": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
                "n": Rule(INTEGER | NULL, low=1, high=1000000),
                "thumb": Rule(STRINGS | NULL, names=r"^[0-9a-f]{64}$"),
                "saves": Rule(INTEGER | NULL, low=0, high=1000000000000000),
            },
        ),
        "by": Rule(STRINGS | NULL, size_max=64),
        "at0": Rule(INTEGER | NULL, low=0, high=9007199254740991),
        "at1": Rule(INTEGER | NULL, low=0, high=9007199254740991),
    },
)

_TAKE: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "scn": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "job": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "n": Rule(INTEGER | NULL, low=1, high=1000000),
        "hash": Rule(STRINGS | NULL, names=r"^[0-9a-f]{64}$"),
        "thumb": Rule(STRINGS | NULL, names=r"^[0-9a-f]{64}$"),
        "rate": Rule(
            LIST | NULL,
            size_min=2,
            size_max=2,
            items=Rule(INTEGER, low=1, high=1000000),
        ),
        "frames": Rule(INTEGER | NULL, low=0, high=10000000),
        "w": Rule(INTEGER | NULL, low=1, high=16384),
        "h": Rule(INTEGER | NULL, low=1, high=16384),
        "st": Rule(STRINGS | NULL, size_max=32),
        "cost": Rule(INTEGER | NULL, low=0, high=9007199254740991),
    },
)

_PREVIEW: Final = Rule(
    OBJECT,
    keys={
        "run": Rule(STRINGS | NULL, names=r"^[A-Za-z0-9_.-]{0,64}$"),
        "f": Rule(INTEGER | NULL, low=1, high=100),
        "media": Rule(STRINGS | NULL, names=r"^[0-9a-f]{64}$"),
        "w": Rule(INTEGER | NULL, low=1, high=16384),
        "h": Rule(INTEGER | NULL, low=1, high=16384),
        "blur": Rule(STRINGS | NULL, size_max=64),
        "seq": Rule(INTEGER | NULL, low=0, high=9007199254740991),
    },
)

STORYBOARD: Final = Rule(
    shared=TYPE_MAP,
    keys={
        "acts": Rule(shared=TYPE_MAP, size_max=100, names=r"^[A-Za-z0-9_.-]{1,64}$", others=_ACT),
        "seqs": Rule(
            shared=TYPE_MAP,
            size_max=500,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_SEQUENCE,
        ),
        "scenes": Rule(
            shared=TYPE_MAP,
            size_max=4000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_SCENE,
        ),
        "shots": Rule(
            shared=TYPE_MAP,
            size_max=20000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_SHOT,
        ),
        "beats": Rule(
            shared=TYPE_MAP,
            size_max=4000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_BEAT,
        ),
        "env": Rule(
            shared=TYPE_MAP,
            size_max=1000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_ENVIRONMENT,
        ),
        "props": Rule(
            shared=TYPE_MAP,
            size_max=2000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_PROP,
        ),
        "looks": Rule(
            shared=TYPE_MAP,
            size_max=1000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_LOOK,
        ),
        "jobs": Rule(
            shared=TYPE_MAP,
            is_servers=True,
            size_max=20000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_JOB,
        ),
        "takes": Rule(
            shared=TYPE_MAP,
            is_servers=True,
            size_max=20000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_TAKE,
        ),
        "prev": Rule(
            shared=TYPE_MAP,
            is_servers=True,
            size_max=4000,
            names=r"^[A-Za-z0-9_.-]{1,64}$",
            others=_PREVIEW,
        ),
        "ext": Rule(shared=TYPE_MAP, size_max=1000, names_max=64, others=Rule(bytes_max=1024)),
    },
)
