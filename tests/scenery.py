"""Scenes and shots as the tests want them, under ids and order keys of their own choice; no gesture of anybody's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pycrdt import Map, Text

from sync.storyboard.read import Document, root


@dataclass(frozen=True, slots=True)
class NewShot:
    id: str
    ord: str
    size: str
    angle: str
    move: str
    lens_mm: int
    dur_f: int
    desc: str


@dataclass(frozen=True, slots=True)
class NewScene:
    """`ord`: fractional order key; `slug`: {ie, loc, tod}; `dlg`: [{c, txt}]; `est_f`: frames."""

    id: str
    ord: str
    num: str
    title: str
    prompt: str
    slug: Mapping[str, str] = field(default_factory=dict)
    dlg: Sequence[Mapping[str, str]] = ()
    brain: Mapping[str, Any] | None = None
    est_f: int | None = None
    shots: Sequence[NewShot] = ()


def add_scene(doc: Document, scene: NewScene) -> None:
    """The scene and its shots, with their nested texts, under fresh ids (documents.md A7)."""
    values: dict[str, Any] = {
        "ord": scene.ord,
        "num": scene.num,
        "title": scene.title,
        "slug": dict(scene.slug),
        "prompt": Text(scene.prompt),
        "dlg": [dict(line) for line in scene.dlg],
    }
    if scene.brain is not None:
        values["brain"] = dict(scene.brain)
    if scene.est_f is not None:
        values["est_f"] = scene.est_f
    root(doc, "scenes")[scene.id] = Map(values)
    for shot in scene.shots:
        add_shot(doc, scene.id, shot)


def add_shot(doc: Document, scene_id: str, shot: NewShot) -> None:
    root(doc, "shots")[shot.id] = Map(
        {
            "par": scene_id,
            "ord": shot.ord,
            "size": shot.size,
            "angle": shot.angle,
            "move": shot.move,
            "lens_mm": shot.lens_mm,
            "dur_f": shot.dur_f,
            "desc": Text(shot.desc),
        }
    )
