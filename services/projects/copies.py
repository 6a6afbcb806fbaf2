"""What a copy of a project has in place of what; pure.

Every new id is derived from the copy's and the old one, so that documents, rows and whoever goes on after a crash agree
without asking.
"""

import re
from typing import Any
from uuid import UUID

from pycrdt import Doc, Map

from services.documents.copying import Copier
from sync import ids
from sync.names import Kind
from sync.schema import OWNERSHIP

_ID = re.compile(r"\b(?!usr_|run_)[a-z]{2,5}_[0-7][0-9a-hjkmnp-tv-z]{25}\b")
"""Not people, and not runs: they are the original's for ever."""
_LEFT_BEHIND = {Kind.STORYBOARD: frozenset(("jobs", "prev")), Kind.TIMELINE: frozenset(("cuts",))}
"""Roots about what happens to the original, or happened."""
_KEYS_LEFT_BEHIND = frozenset((("scenes", "lock"), ("takes", "job"), ("meta", "snap")))
_KEYS_OF_MEDIA = frozenset(
    (
        ("scenes", "cur"),
        ("scenes", "want"),
        ("shots", "board"),
        ("env", "ref"),
        ("props", "ref"),
        ("looks", "ref"),
    )
)


class NewIds:
    """Of one copy."""

    def __init__(self, copy_id: UUID) -> None:
        self._copy = copy_id.hex
        self._known: dict[str, str] = {}

    def text(self, old: str) -> str:
        """`scn_...` -> `scn_...`."""
        new = self._known.get(old)
        if new is None:
            prefix = old.partition("_")[0]
            new = self._known[old] = ids.derived(prefix, self._copy, old)
        return new

    def number(self, prefix: str, old: UUID) -> UUID:
        """As `text`, of ids as SQL has them."""
        return ids.from_text(prefix, self.text(ids.to_text(prefix, old)))

    def translated(self, value: Any) -> Any:
        """A plain value of a document with new ids wherever there are ids, inside other text too."""
        match value:
            case str():
                return _ID.sub(lambda match: self.text(match.group()), value)
            case dict():
                return {self.translated(key): self.translated(item) for key, item in value.items()}
            case list():
                return [self.translated(item) for item in value]
            case _:
                return value

    def known(self, old: str) -> str:
        """What a document has in place of an id that a client chose; one of another form stays as it is."""
        return self.text(old) if _ID.fullmatch(old) else old


def copied(old: Doc[Any], kind: Kind, client_id: int, new_ids: NewIds, *, with_media: bool) -> bytes:
    """An update by one client that makes the copy of a document. Scenes are at rest and unlocked in it."""
    roots = OWNERSHIP[kind].roots - _LEFT_BEHIND[kind]
    gone = _KEYS_LEFT_BEHIND
    if not with_media:
        roots, gone = roots - {"takes"}, gone | _KEYS_OF_MEDIA
    new: Doc[Any] = Doc(client_id=client_id)
    Copier(new_ids.translated, lambda root, key: (root, key) not in gone).copy(old, new, roots)
    if kind is Kind.STORYBOARD:
        _lay_to_rest(new)
    return bytes(new.get_update())


def _lay_to_rest(new: Doc[Any]) -> None:
    """Nothing is generated in a copy, and nothing has failed."""
    with new.transaction():
        scenes = new.get("scenes", type=Map)
        for scene_id in scenes.keys():
            scene = scenes[scene_id]
            if isinstance(scene, Map) and scene.get("st") not in (None, "draft"):
                scene["st"] = "complete" if scene.get("cur") else "draft"
