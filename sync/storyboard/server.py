"""The edits of a storyboard that only the server makes: generations, their previews and takes (documents.md A1).

Every edit works on a `pycrdt.Doc` inside the caller's transaction and writes the fewest registers. Who may make it is
decided elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pycrdt import Map

from sync.storyboard.read import Document, Entity, entity, root, takes_of, text_of

TAKES_PER_SCENE_MAX = 3
"""Older takes leave the document and stay rows in SQL, unless something refers to them (documents.md A1)."""


@dataclass(frozen=True, slots=True)
class TakeEntry:
    """An immutable take as the document shows it. `media` and `thumb` are sha256 in lower-case hex.

    `cost`: in micro-credits.
    """

    id: str
    scene_id: str
    run: str
    number: int
    media: str
    thumb: str
    rate: tuple[int, int]
    frames: int
    width: int
    height: int
    cost: int = 0


# Scenes --------------------------------------------------------------------------------------------


def set_keys(doc: Document, scene_id: str, changes: Mapping[str, Any]) -> None:
    """Registers of a scene; a key that already holds the value is not written again (documents.md A9)."""
    scene = entity(doc, "scenes", scene_id)
    for key, value in changes.items():
        _set(scene, key, value)


def _set(target: Entity, key: str, value: Any) -> None:
    if key not in target or target.get(key) != value:
        target[key] = value


def set_status(doc: Document, scene_id: str, status: str) -> None:
    """draft | pending | generating | complete | locked | failed."""
    set_keys(doc, scene_id, {"st": status})


# Generations ---------------------------------------------------------------------------------------


def write_job(doc: Document, job_id: str, **registers: Any) -> None:
    """Creates the job's map or changes the registers that differ: scn st stage pct att seq err by at0 at1 cost."""
    jobs = root(doc, "jobs")
    job = jobs.get(job_id)
    if isinstance(job, Map):
        for key, value in registers.items():
            _set(job, key, value)
    else:
        jobs[job_id] = Map(registers)


def write_preview(doc: Document, scene_id: str, preview: Mapping[str, Any]) -> None:
    """`preview`: {run, f: sharpness step from 1, media: sha256, w, h, blur, seq}. Only the latest is kept."""
    root(doc, "prev")[scene_id] = dict(preview)


def write_take(doc: Document, take: TakeEntry) -> None:
    """Adds the take, shows it unless the scene's editors chose another, and lets the oldest ones leave the document.

    Those that are shown, chosen or pinned stay.
    """
    root(doc, "takes")[take.id] = Map(
        {
            "scn": take.scene_id,
            "job": take.run,
            "n": take.number,
            "hash": take.media,
            "thumb": take.thumb,
            "rate": list(take.rate),
            "frames": take.frames,
            "w": take.width,
            "h": take.height,
            "st": "complete",
            "cost": take.cost,
        }
    )
    wanted = root(doc, "takes").get(text_of(entity(doc, "scenes", take.scene_id).get("want")))
    is_chosen = isinstance(wanted, Map) and wanted.get("scn") == take.scene_id
    set_keys(doc, take.scene_id, {"st": "complete"} if is_chosen else {"cur": take.id, "st": "complete"})
    _evict_takes(doc, take.scene_id)


def _evict_takes(doc: Document, scene_id: str) -> None:
    scene = entity(doc, "scenes", scene_id)
    pins = scene.get("pin")
    referenced = {scene.get("cur"), scene.get("want"), *(pins if isinstance(pins, dict) else ())}
    takes = takes_of(doc, scene_id)
    free = [key for key, _ in takes if key not in referenced]
    room = max(0, TAKES_PER_SCENE_MAX - (len(takes) - len(free)))
    for key in free[room:]:
        del root(doc, "takes")[key]


def forget_job(doc: Document, job_id: str) -> None:
    """A finished job leaves the document after a day; its row stays in SQL."""
    jobs = root(doc, "jobs")
    if job_id in jobs:
        del jobs[job_id]
