"""The story as those read it who judge it whole: scenes in order with all that people said about them; pure.

Rows of SQL have less (who is in a scene, what it continues, what is pinned): this is read from the document. What a
client has written that cannot be read is as if it had not been said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.documents.storable import text
from sync.registers import Content, Raw, entities, id_or_none, is_deleted
from sync.storyboard.read import SceneView, ShotView, scenes_of, whole


@dataclass(frozen=True, slots=True)
class CastMember:
    """Somebody whom the storyboard puts into a scene. `character`: an id; `look`: of the storyboard, or empty."""

    character: str
    look: str
    position: str
    emotion: str


@dataclass(frozen=True, slots=True)
class Thing:
    """A place, a prop or a look, described once. `reference`: a picture; `character`: whose look it is."""

    id: str
    name: str
    text: str
    reference: str
    character: str = ""


@dataclass(frozen=True, slots=True)
class OwnBeat:
    """A turning point that people wrote down. `at`: where in the story, in thousandths, or None."""

    id: str
    name: str
    purpose: str
    at: int | None
    parent: str


@dataclass(frozen=True, slots=True)
class StoryShot:
    """`direction`: L or R, where the subject looks or goes on the screen; `axis`: the line that the camera keeps."""

    view: ShotView
    direction: str
    axis: str
    line: int | None
    board: str


@dataclass(frozen=True, slots=True)
class StoryScene:
    """One scene. `sequence`: in what it stands. `continues`: new, take_last_frame or scene. `own`: human, ai or empty.

    `pins`: registers of the scene, `<shot>` or `<shot>.<register>`, that no machine rewrites.
    """

    view: SceneView
    shots: tuple[StoryShot, ...]
    sequence: str
    cast: tuple[CastMember, ...]
    beat: str
    continues: str
    continues_scene: str
    own: str
    pins: frozenset[str]
    negative: str
    takes: tuple[tuple[str, str], ...]
    """(take, thumb) of those that are in the document, the newest first."""

    @property
    def id(self) -> str:
        return self.view.id

    @property
    def called(self) -> str:
        """As people speak of it: its number and title, or what there is of them."""
        return " ".join(filter(None, (text(self.view.num), text(self.view.title)))) or f"scene {self.view.position + 1}"


@dataclass(frozen=True, slots=True)
class Story:
    """One storyboard at a sequence, in the order of the story."""

    document_id: UUID
    epoch: int
    seq: int
    scenes: tuple[StoryScene, ...]
    beats: Mapping[str, OwnBeat]
    places: Mapping[str, Thing]
    props: Mapping[str, Thing]
    looks: Mapping[str, Thing]

    def scene(self, scene_id: str) -> StoryScene | None:
        return next((scene for scene in self.scenes if scene.id == scene_id), None)


def story_of(content: Content, document_id: UUID, epoch: int, seq: int) -> Story:
    """What is seen of it: deleted entities are left out."""
    scenes, shots, takes = (entities(content, root) for root in ("scenes", "shots", "takes"))
    thumbs = _takes(takes)
    return Story(
        document_id=document_id,
        epoch=epoch,
        seq=seq,
        scenes=tuple(_scene(view, scenes[view.id], shots, thumbs.get(view.id, ())) for view in scenes_of(content)),
        beats={key: _beat(key, raw) for key, raw in _there(content, "beats")},
        places=_things(content, "env"),
        props=_things(content, "props"),
        looks=_things(content, "looks"),
    )


def _there(content: Content, root: str) -> list[tuple[str, Raw]]:
    return [(key, raw) for key, raw in sorted(entities(content, root).items()) if not is_deleted(raw)]


def _scene(view: SceneView, raw: Raw, shots: Mapping[str, Raw], takes: Sequence[tuple[str, str]]) -> StoryScene:
    continued = _object(raw.get("cont"))
    pins = _object(raw.get("pin"))
    return StoryScene(
        view=view,
        shots=tuple(_shot(shot, shots.get(shot.id, {})) for shot in view.shots),
        sequence=id_or_none(raw.get("par")) or "",
        cast=tuple(_member(key, entry) for key, entry in sorted(_object(raw.get("cast")).items())),
        beat=id_or_none(raw.get("beat")) or "",
        continues=text(continued.get("from")),
        continues_scene=id_or_none(continued.get("scn")) or "",
        own=text(raw.get("own")),
        pins=frozenset(text(key) for key, value in pins.items() if value not in (False, None, "", "ai")),
        negative=text(raw.get("neg")),
        takes=tuple(takes),
    )


def _shot(view: ShotView, raw: Raw) -> StoryShot:
    direction = text(raw.get("screen_dir"))
    return StoryShot(
        view=view,
        direction=direction if direction in ("L", "R") else "",
        axis=id_or_none(raw.get("axis")) or "",
        line=whole(raw.get("dlg_ref")),
        board=id_or_none(raw.get("board")) or "",
    )


def _member(key: str, entry: object) -> CastMember:
    said = _object(entry)
    return CastMember(text(key), id_or_none(said.get("look")) or "", text(said.get("pos")), text(said.get("emo")))


def _beat(key: str, raw: Raw) -> OwnBeat:
    at = whole(raw.get("at"))
    return OwnBeat(
        key,
        text(raw.get("name")),
        text(raw.get("purpose")),
        at if at is not None and 0 <= at <= 1_000 else None,
        id_or_none(raw.get("par")) or "",
    )


def _things(content: Content, root: str) -> dict[str, Thing]:
    return {
        key: Thing(key, text(raw.get("name")), text(raw.get("txt")), text(raw.get("ref")), text(raw.get("char")))
        for key, raw in _there(content, root)
    }


def _takes(takes: Mapping[str, Raw]) -> dict[str, list[tuple[str, str]]]:
    """By scene, the newest first."""
    found: dict[str, list[tuple[int, str, str]]] = {}
    for key, raw in takes.items():
        found.setdefault(text(raw.get("scn")), []).append((-(whole(raw.get("n")) or 0), key, text(raw.get("thumb"))))
    return {scene: [(key, thumb) for _, key, thumb in sorted(entries)] for scene, entries in found.items()}


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
