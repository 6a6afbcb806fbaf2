"""The timeline document as the server creates it, and the clip of a scene that has none yet."""

from typing import Any

from pycrdt import Doc, Map

from sync.timeline.content import MAIN_TRACK

VERSION = 1


def seed(client_id: int, rate: tuple[int, int], title: str, size: tuple[int, int] = (1280, 720)) -> bytes:
    """The first update of a timeline, made under the server's client id.

    `rate`: frames per second as a fraction; `size`: pixels across and down.
    """
    doc: Doc[Any] = Doc(client_id=client_id)
    with doc.transaction():
        meta = doc.get("meta", type=Map)
        meta["v"] = VERSION
        meta["rate"] = list(rate)
        meta["tc0"] = 86_400
        meta["df"] = False
        meta["w"], meta["h"] = size
        meta["par"] = [1, 1]
        meta["title"] = title
        doc.get("tracks", type=Map)[MAIN_TRACK] = Map(
            {
                "k": "video",
                "mode": "mag",
                "ord": "V",
                "name": "Main",
                "on": True,
                "lock": False,
                "mute": False,
                "solo": False,
            }
        )
    return bytes(doc.get_update())


def add_clip(doc: Doc[Any], clip_id: str, *, ord: str, frames: int, scene_id: str, z: int = 0) -> None:
    """A clip on the main track that shows the newest take of a scene. `frames`: its visible length."""
    doc.get("clips", type=Map)[clip_id] = Map(
        {
            "t": MAIN_TRACK,
            "ord": ord,
            "z": z,
            "in": 0,
            "out": frames,
            "slip": 0,
            "anc": None,
            "root": clip_id,
            "scn": scene_id,
            "sht": None,
            "src": {"k": "scene", "take": "latest"},
            "spd": [1, 1],
            "on": True,
            "lock": False,
        }
    )
