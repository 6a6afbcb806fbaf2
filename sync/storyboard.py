"""The storyboard document: its readers and the edits that the server makes in it (documents.md A1).

Every edit works on a `pycrdt.Doc` inside the caller's transaction and writes the fewest registers. Who may make it is
decided elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pycrdt import Doc, Map, Text

from sync.errors import NoSuchEntity
from sync.schema import STORYBOARD_ROOTS

PROMPT_CHARS_MAX = 8_000
TAKES_PER_SCENE_MAX = 3
"""Older takes leave the document and stay rows in SQL, unless something refers to them (documents.md A1)."""

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
    shots: tuple[ShotView, ...]


@dataclass(frozen=True, slots=True)
class TakeEntry:
    """An immutable take as the document shows it. `media` and `thumb` are sha256 in lower-case hex."""

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
    return int(value) if value == int(value) else None


def _entities(doc: Document, root_name: str) -> Iterator[tuple[str, Entity]]:
    for entity_id, value in root(doc, root_name).items():
        if isinstance(value, Map) and not value.get("del"):
            yield entity_id, value


def _shot(entity_id: str, shot: Entity) -> ShotView:
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


def _shots_by_scene(doc: Document) -> dict[str, list[ShotView]]:
    by_scene: dict[str, list[ShotView]] = {}
    for entity_id, shot in _entities(doc, "shots"):
        by_scene.setdefault(text_of(shot.get("par")), []).append(_shot(entity_id, shot))
    for shots in by_scene.values():
        shots.sort(key=lambda shot: (shot.ord, shot.id))
    return by_scene


def _scene(entity_id: str, scene: Entity, position: int, shots: Sequence[ShotView]) -> SceneView:
    slug, dialogue, brain = scene.get("slug"), scene.get("dlg"), scene.get("brain")
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
        locked=scene.get("lock") is not None,
        shots=tuple(shots),
    )


def scenes_in_order(doc: Document) -> list[SceneView]:
    """Every scene that is not deleted, in story order; ties of `ord` are broken by id, so every replica agrees."""
    shots = _shots_by_scene(doc)
    ordered = sorted(_entities(doc, "scenes"), key=lambda item: (text_of(item[1].get("ord")), item[0]))
    return [_scene(key, scene, position, shots.get(key, ())) for position, (key, scene) in enumerate(ordered)]


def scene_view(doc: Document, scene_id: str) -> SceneView:
    """Raises `NoSuchEntity`, also for a deleted scene."""
    for scene in scenes_in_order(doc):
        if scene.id == scene_id:
            return scene
    raise NoSuchEntity("scenes", scene_id)


def takes_of(doc: Document, scene_id: str) -> list[tuple[str, Entity]]:
    """The takes that are in the document, newest first."""
    takes = [(key, take) for key, take in _entities(doc, "takes") if take.get("scn") == scene_id]
    return sorted(takes, key=lambda item: (-(whole(item[1].get("n")) or 0), item[0]))


# Scenes --------------------------------------------------------------------------------------------


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


def set_prompt(doc: Document, scene_id: str, prompt: str) -> None:
    """Replaces only the part that differs, so that others' carets and concurrent typing survive."""
    text = entity(doc, "scenes", scene_id).get("prompt")
    if not isinstance(text, Text):
        raise NoSuchEntity("scenes", scene_id)
    old = str(text)
    head = _common_prefix_chars(old, prompt)
    tail = _common_prefix_chars(old[head:][::-1], prompt[head:][::-1])
    # pycrdt counts text in UTF-8 bytes, and code points are whole in both
    start, end = len(old[:head].encode()), len(old[: len(old) - tail].encode())
    if end > start:
        del text[start:end]
    replacement = prompt[head : len(prompt) - tail]
    if replacement:
        text.insert(start, replacement)


def _common_prefix_chars(one: str, other: str) -> int:
    for position, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return position
    return min(len(one), len(other))


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
    """Creates the job's map or changes the registers that differ: scn st stage pct att seq err by at0 at1."""
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
    """Adds the take, makes it the scene's current one and lets the oldest unreferenced takes leave the document."""
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
        }
    )
    set_keys(doc, take.scene_id, {"cur": take.id, "st": "complete"})
    _evict_takes(doc, take.scene_id)


def _evict_takes(doc: Document, scene_id: str) -> None:
    scene = entity(doc, "scenes", scene_id)
    referenced = {scene.get("cur"), scene.get("want")}
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
