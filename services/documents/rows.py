"""What a document shows as rows of SQL: scenes, shots and texts of a storyboard; the resolved film of a timeline.

Nothing is read or written here: `kept` has what a document holds, `storage/tables/projections` writes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.documents.kept import Content, Reading
from services.documents.storable import int32, storable, text, text_or_none
from storage.tables.projections import ClipRow, CutRow, MarkerRow, ProjectedScene, ShotRow, TextRow, TrackRow
from sync import ids
from sync.errors import MalformedId
from sync.registers import WHOLE_MAX, entities, id_or_none, whole
from sync.storyboard.read import SceneView, ShotView, scenes_of
from sync.timeline.content import register
from sync.timeline.resolve import Resolved

BODY_CHARS_MAX = 100_000
"""Of what can be found in one text. PostgreSQL takes a mebibyte of different words at most."""


@dataclass(frozen=True, slots=True)
class StoryboardRows:
    """All of it: what is not here is removed."""

    scenes: Sequence[ProjectedScene]
    shots: Sequence[ShotRow]
    texts: Sequence[TextRow]


@dataclass(frozen=True, slots=True)
class TimelineRows:
    """All of it: what is not here is removed."""

    tracks: Sequence[TrackRow]
    clips: Sequence[ClipRow]
    markers: Sequence[MarkerRow]
    cuts: Sequence[CutRow]
    texts: Sequence[TextRow]


def rows_of(reading: Reading) -> StoryboardRows | TimelineRows:
    """Takes a while for a large document, and touches nothing but `reading`: it may run beside the loop."""
    return storyboard_rows(reading.content) if reading.film is None else timeline_rows(reading.content, reading.film)


# Storyboards ---------------------------------------------------------------------------------------------


def storyboard_rows(content: Content) -> StoryboardRows:
    scenes = scenes_of(content)
    shots = [(scene, place, shot) for scene in scenes for place, shot in enumerate(scene.shots)]
    texts = [_scene_text(scene) for scene in scenes] + [_shot_text(scene, shot) for scene, _, shot in shots]
    return StoryboardRows(
        scenes=[_scene(scene) for scene in scenes],
        shots=[_shot(scene, place, shot) for scene, place, shot in shots],
        texts=[found for found in texts if found.title or found.body],
    )


def _scene(view: SceneView) -> ProjectedScene:
    return ProjectedScene(
        id=view.id,
        position=view.position,
        number=text(view.num),
        title=text(view.title),
        slug=storable(view.slug),
        prompt=text(view.prompt),
        status=text(view.st),
        current_take=_take_id(view.cur),
        est_frames=int32(view.est_f),
    )


def _take_id(written: str | None) -> UUID | None:
    if written is None:
        return None
    try:
        return ids.from_text("tak", written)
    except MalformedId:
        return None


def _shot(scene: SceneView, place: int, shot: ShotView) -> ShotRow:
    return ShotRow(
        id=text(shot.id),
        scene_id=text(scene.id),
        position=place,
        size=text_or_none(shot.size),
        angle=text_or_none(shot.angle),
        move=text_or_none(shot.move),
        lens_mm=int32(shot.lens_mm),
        frames=int32(shot.dur_f),
        description=text(shot.desc),
    )


def _scene_text(scene: SceneView) -> TextRow:
    """Number and title; heading, prompt and dialogue, a line each."""
    heading = " ".join(text(scene.slug.get(key)) for key in ("ie", "loc", "tod")).strip()
    spoken = (": ".join(filter(None, (text(line.get("c")), text(line.get("txt"))))) for line in scene.dlg)
    body = "\n".join(filter(None, (heading, text(scene.prompt), *spoken)))
    return _text("scene", scene.id, scene.id, f"{text(scene.num)} {text(scene.title)}", body)


def _shot_text(scene: SceneView, shot: ShotView) -> TextRow:
    title = " ".join(filter(None, (shot.size, shot.angle, shot.move)))
    return _text("shot", shot.id, scene.id, text(title), text(shot.desc))


def _text(kind: str, entity_id: str, scene_id: str | None, title: str, body: str) -> TextRow:
    return TextRow(kind, text(entity_id), scene_id, title.strip(), body[:BODY_CHARS_MAX])


# Timelines -----------------------------------------------------------------------------------------------


def timeline_rows(content: Content, film: Resolved) -> TimelineRows:
    view = film.view
    raws = {root: entities(content, root) for root in ("tracks", "clips", "markers", "cuts")}
    clips = [_clip(track["id"], shown, raws["clips"]) for track in view["tracks"] for shown in track["clips"]]
    markers = [_marker(shown, raws["markers"][shown["id"]]) for shown in view["markers"]]
    return TimelineRows(
        tracks=[_track(place, shown, raws["tracks"]) for place, shown in enumerate(view["tracks"])],
        clips=clips,
        markers=markers,
        cuts=[_cut(key, raw) for key, raw in sorted(raws["cuts"].items())],
        texts=[_text("marker", row.id, None, row.name, row.note) for row in markers if row.name or row.note],
    )


def _track(place: int, shown: Mapping[str, Any], raws: Mapping[str, Mapping[str, Any]]) -> TrackRow:
    raw = raws.get(shown["id"], {})
    return TrackRow(
        id=shown["id"],
        position=place,
        kind=shown["k"],
        name=text(raw.get("name")),
        language=text_or_none(raw.get("lang")),
        lanes=shown["lanes"],
        is_on=raw.get("on") is not False,
        is_muted=raw.get("mute") is True,
        is_solo=raw.get("solo") is True,
    )


def _clip(track_id: str, shown: Mapping[str, Any], raws: Mapping[str, Mapping[str, Any]]) -> ClipRow:
    """`shown`: as `resolve` places it. What it plays is its own register or that of the clip that it was split from."""
    clip_id: str = shown["id"]
    numerator, denominator = shown.get("spd", (1, 1))
    return ClipRow(
        id=clip_id,
        track_id=track_id,
        lane=shown["lane"],
        start_frame=shown["start"],
        frames=shown["frames"],
        in_frame=shown["in"],
        out_frame=shown["out"],
        media_frame=shown["media"],
        speed_num=numerator,
        speed_den=denominator,
        scene_id=shown["scn"],
        shot_id=id_or_none(register(raws, clip_id, "sht")),
        source=_json(register(raws, clip_id, "src")),
        dissolve=_json(shown.get("xo")),
        anchor_id=shown.get("anc"),
        off_frames=shown.get("off", 0),
        is_on=raws[clip_id].get("on") is not False,
    )


def _json(value: Any) -> str | None:
    return json.dumps(storable(value)) if isinstance(value, dict) else None


def _marker(shown: Mapping[str, Any], raw: Mapping[str, Any]) -> MarkerRow:
    return MarkerRow(
        id=shown["id"],
        frame=shown["at"],
        frames=shown["d"],
        kind=text_or_none(raw.get("k")),
        name=text(raw.get("name")),
        note=text(raw.get("txt")),
        colour=text_or_none(raw.get("col")),
        clip_id=id_or_none(raw.get("c")) if raw.get("on") == "clip" else None,
    )


def _cut(key: str, raw: Mapping[str, Any]) -> CutRow:
    at = whole(raw.get("at"), -1, 0, WHOLE_MAX)
    return CutRow(
        id=key,
        title=text(raw.get("title")),
        named_by=text_or_none(raw.get("by")),
        named_at_ms=at if at >= 0 else None,
        snapshot=text_or_none(raw.get("snap")),
        hash=text_or_none(raw.get("hash")),
    )
