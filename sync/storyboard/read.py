"""The storyboard document as plain values: scenes in story order with their shots, and the takes that are in it.

What people do to it is `gestures`, what only the server writes is `server`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, Map, Text

from sync.errors import NoSuchEntity
from sync.locks import lock_of
from sync.registers import Content, Raw
from sync.schema import STORYBOARD_ROOTS
from sync.storyboard.content import Node, content_of
from sync.storyboard.resolve import Resolved, resolve

PROMPT_CHARS_MAX = 8_000

Document = Doc[Any]
Entity = Map[Any]


@dataclass(frozen=True, slots=True)
class ShotView:
    """One shot as plain values; `dur_f` in frames, None where the document does not say."""

    id: str
    ord: str
    size: str | None
    angle: str | None
    move: str | None
    lens_mm: int | None
    dur_f: int | None
    desc: str


@dataclass(frozen=True, slots=True)
class SceneView:
    """One scene as plain values, with its shots in order."""

    id: str
    position: int
    ord: str
    num: str
    slug: dict[str, Any]
    title: str
    prompt: str
    st: str
    cur: str | None
    want: str | None
    est_f: int | None
    brain: dict[str, Any] | None
    dlg: list[dict[str, Any]]
    locked: bool
    """By a person; a generation's lock is its own."""
    shots: tuple[ShotView, ...]


def root(doc: Document, name: str) -> Entity:
    """A root map of the storyboard. Roots exist by name; nothing is created by asking."""
    assert name in STORYBOARD_ROOTS, name
    found: Entity = doc.get(name, type=Map)
    return found


def entity(doc: Document, root_name: str, entity_id: str) -> Entity:
    """Raises `NoSuchEntity`."""
    found = root(doc, root_name).get(entity_id)
    if not isinstance(found, Map):
        raise NoSuchEntity(root_name, entity_id)
    return found


# Reading -----------------------------------------------------------------------------------------


def text_of(value: object) -> str:
    """A register that should hold text, whatever a client has put there."""
    return str(value) if isinstance(value, str | Text) else ""


def whole(value: object) -> int | None:
    """pycrdt hands every number back as float (documents.md A6); None for what is not a whole number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if isinstance(value, int) or value.is_integer() else None


def _shot(entity_id: str, shot: Raw) -> ShotView:
    return ShotView(
        id=entity_id,
        ord=text_of(shot.get("ord")),
        size=text_of(shot.get("size")) or None,
        angle=text_of(shot.get("angle")) or None,
        move=text_of(shot.get("move")) or None,
        lens_mm=whole(shot.get("lens_mm")),
        dur_f=whole(shot.get("dur_f")),
        desc=text_of(shot.get("desc")),
    )


def _scene(entity_id: str, scene: Raw, position: int, shots: Sequence[ShotView]) -> SceneView:
    slug, dialogue, brain = scene.get("slug"), scene.get("dlg"), scene.get("brain")
    lock = lock_of(scene)
    return SceneView(
        id=entity_id,
        position=position,
        ord=text_of(scene.get("ord")),
        num=text_of(scene.get("num")),
        slug=slug if isinstance(slug, dict) else {},
        title=text_of(scene.get("title")),
        prompt=text_of(scene.get("prompt")),
        st=text_of(scene.get("st")) or "draft",
        cur=text_of(scene.get("cur")) or None,
        want=text_of(scene.get("want")) or None,
        est_f=whole(scene.get("est_f")),
        brain=brain if isinstance(brain, dict) else None,
        dlg=[line for line in dialogue if isinstance(line, dict)] if isinstance(dialogue, list) else [],
        locked=lock is not None and lock.run is None,
        shots=tuple(shots),
    )


def scenes_in_order(doc: Document) -> list[SceneView]:
    """As `scenes_of`."""
    return scenes_of(content_of(doc))


def scenes_of(content: Content) -> list[SceneView]:
    """Every scene that is seen, in the order of the story (`resolve`), with the shots that are seen in it."""
    resolved = resolve(content)
    return [_seen(content, resolved, position, node) for position, node in enumerate(resolved.scenes())]


def _seen(content: Content, resolved: Resolved, position: int, node: Node) -> SceneView:
    shots = content["shots"]
    parts = [_shot(shot.id, shots[shot.id]) for shot in resolved.within("shots", node)]
    return _scene(node.id, content["scenes"][node.id], position, parts)


def scene_view(doc: Document, scene_id: str) -> SceneView:
    """Raises `NoSuchEntity`, also for a deleted scene."""
    content = content_of(doc)
    resolved = resolve(content)
    for position, node in enumerate(resolved.scenes()):
        if node.id == scene_id:
            return _seen(content, resolved, position, node)
    raise NoSuchEntity("scenes", scene_id)


def takes_of(doc: Document, scene_id: str) -> list[tuple[str, Entity]]:
    """The takes that are in the document, newest first."""
    found = root(doc, "takes").items()
    takes = [(key, take) for key, take in found if isinstance(take, Map) and take.get("scn") == scene_id]
    return sorted(takes, key=lambda item: (-(whole(item[1].get("n")) or 0), item[0]))
