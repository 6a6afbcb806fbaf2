"""The gestures on scenes and their shots, and what they are made of; all others are in `gestures`.

A split and a merge leave what others do to the scene meanwhile where it was meant (decision 0019).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sync import ids
from sync.errors import GestureImpossible, NoSuchEntity
from sync.order_keys import rekeyed
from sync.storyboard.content import AUTHORS, Node, plain
from sync.storyboard.hand import PREFIXES, Hand
from sync.storyboard.numbers import lettered, next_number

Registers = Mapping[str, Any]
NOTHING: Registers = {}
_PINNED = "take"
"""What the key `pin` of a scene says of a take; of a register it says true."""


class Scenes(Hand):
    """Part of `Storyboard`."""

    # Scenes --------------------------------------------------------------------------------------------

    def add_scene(
        self, registers: Registers = NOTHING, parent: str = "", before: str | None = None, id: str | None = None
    ) -> str:
        """Returns its id. Without a number it gets the next one; moving never renumbers."""
        with self._gesture():
            place = self._place("scenes", parent, before)
            own = {"num": next_number(self._numbers()), "title": "", "dlg": []}
            return self._create("scenes", id, place, {**own, **registers})

    def edit_scene(self, id: str, registers: Registers) -> None:
        self._edit("scenes", id, registers)

    def move_scene(self, id: str, parent: str = "", before: str | None = None) -> None:
        self._move("scenes", id, parent, before)

    def delete_scene(self, id: str) -> None:
        """Its shots and beats are seen no more, until it is restored."""
        self._delete("scenes", id)

    def restore_scene(self, id: str) -> None:
        """Also one that was merged: its shots are its own again."""
        self._restore("scenes", id)

    def duplicate_scene(self, id: str, new: str | None = None) -> str:
        """What people wrote of it, its shots and beats, directly behind it; takes are not copied. Returns the id."""
        with self._gesture():
            scene = self._node("scenes", id)
            parts = [*self._tree.children("shots", scene), *self._tree.children("beats", scene)]
            copy = self._create("scenes", new, self._behind(scene), self._copied(scene))
            above = self._tree.nodes["scenes", copy]
            for part in parts:
                held = self._held(part)
                registers = {key: held[key] for key in AUTHORS[part.root] if held.get(key) is not None}
                entity = ids.derived(PREFIXES[part.root], copy, part.id)
                self._create(part.root, entity, self._at(part.root, above, None, None), registers)
            return copy

    def split_scene(self, id: str, shot: str) -> str:
        """From this shot on it is a scene of its own, with the same prompt and the dialogue of its shots.

        Two people who split at one shot make one scene, as its id follows from both. Returns the id.
        """
        with self._gesture():
            scene = self._node("scenes", id)
            shots = self._tree.children("shots", scene)
            index = next((place for place, each in enumerate(shots) if each.id == shot), None)
            if index is None:
                raise NoSuchEntity("shots", shot)
            if index == 0:
                raise GestureImpossible("a scene is split between two of its shots")
            later = self._later(id, shot)
            registers = {
                **self._parted_lines(scene, shots[:index], shots[index:]),
                **self._parted_frames(scene, shots[index:]),
            }
            self._settle(id, [node for node in shots[:index] if node.par == later])
            if (merged := self._tree.nodes.get(("scenes", later))) is None:
                copied = self._copied(scene, "cont", "dlg", "est_f")
                self._create("scenes", later, self._behind(scene), {**copied, **registers})
            else:
                for key, value in {**registers, "del": None, "into": None}.items():
                    self._set(merged, key, value)
            self._settle(later, shots[index:])
            return later

    def merge_scenes(self, id: str, other: str) -> None:
        """`other` becomes part of it: its prompt and dialogue follow, its shots are seen there. It can be restored."""
        with self._gesture():
            scene, merged = self._node("scenes", id), self._node("scenes", other)
            if scene == merged:
                raise GestureImpossible("a scene is not merged into itself")
            one, two = self._held(scene), self._held(merged)
            prompt, more = str(one.get("prompt") or ""), str(two.get("prompt") or "")
            if more not in prompt:
                self._write(scene, "prompt", f"{prompt}\n\n{more}" if prompt else more)
            self._join_lines(scene, merged)
            if one.get("est_f") is not None and two.get("est_f") is not None:
                self._write(scene, "est_f", one["est_f"] + two["est_f"])
            self._set(merged, "into", id)
            self._set(merged, "del", self._mark)

    def choose_take(self, id: str, take: str | None) -> None:
        """The scene shows it, also when newer ones come; None: the newest."""
        with self._gesture():
            scene = self._node("scenes", id)
            if take is not None:
                self._check_take(scene, take)
            self._set(scene, "want", take)

    def pin_take(self, id: str, take: str) -> None:
        """It stays in the document, whatever comes after it."""
        with self._gesture():
            scene = self._node("scenes", id)
            self._check_take(scene, take)
            self._write(scene, "pin", {**self._pins(scene), take: _PINNED})

    def unpin_take(self, id: str, take: str) -> None:
        with self._gesture():
            scene = self._node("scenes", id)
            pins = self._pins(scene)
            if pins.pop(take, None) is None:
                raise NoSuchEntity("pin", take)
            self._write(scene, "pin", pins)

    # Shots ---------------------------------------------------------------------------------------------

    def add_shot(
        self, registers: Registers = NOTHING, parent: str = "", before: str | None = None, id: str | None = None
    ) -> str:
        return self._add("shots", registers, parent, before, id)

    def edit_shot(self, id: str, registers: Registers) -> None:
        self._edit("shots", id, registers)

    def move_shot(self, id: str, parent: str = "", before: str | None = None) -> None:
        self._move("shots", id, parent, before)

    def delete_shot(self, id: str) -> None:
        self._delete("shots", id)

    def restore_shot(self, id: str) -> None:
        self._restore("shots", id)

    # What they are made of -----------------------------------------------------------------------------

    def _held(self, node: Node) -> dict[str, Any]:
        held: dict[str, Any] = plain(self._content[node.root][node.id])
        return held

    def _numbers(self) -> list[str]:
        live = (node.id for node in self._tree.nodes.values() if node.root == "scenes" and not node.is_deleted)
        return [str(plain(self._content["scenes"][scene].get("num")) or "") for scene in live]

    def _pins(self, scene: Node) -> dict[str, Any]:
        pins = self._held(scene).get("pin")
        return dict(pins) if isinstance(pins, dict) else {}

    def _check_take(self, scene: Node, take: str) -> None:
        held = self._content["takes"].get(take)
        if not isinstance(held, Mapping) or held.get("scn") != scene.id:
            raise NoSuchEntity("takes", take)

    def _copied(self, scene: Node, *but: str) -> dict[str, Any]:
        """What people wrote of it, under a number of its own. Which take is wanted or pinned is not copied."""
        held = self._held(scene)
        copied = {
            key: held[key] for key in AUTHORS["scenes"] if held.get(key) is not None and key not in ("want", *but)
        }
        if "pin" in copied:
            copied["pin"] = {key: value for key, value in self._pins(scene).items() if value != _PINNED}
        return {**copied, "num": lettered(str(held.get("num") or ""), self._numbers())}

    def _later(self, scene: str, shot: str) -> str:
        """The id of what is split off: a new one, or that of what was split off there and merged again."""
        parts = [scene, shot]
        while (held := self._tree.nodes.get(("scenes", found := ids.derived("scn", *parts)))) is not None:
            if held.is_deleted and held.into == scene:
                break
            parts.append("again")
        return found

    def _settle(self, scene: str, shots: Sequence[Node]) -> None:
        """Puts them at its end, in this order; their keys stay where they ascend."""
        siblings = self._tree.siblings("shots", self._tree.nodes["scenes", scene])
        nodes = [*(node for node in siblings if node.ord and node not in shots), *shots]
        for node, key in zip(nodes, rekeyed([node.ord for node in nodes]), strict=True):
            self._stand(node, (scene, key))

    def _parted_lines(self, scene: Node, earlier: Sequence[Node], later: Sequence[Node]) -> dict[str, Any]:
        """The dialogue from the first line of the later shots on is theirs; where shots share lines, both have all."""
        lines = self._held(scene).get("dlg")
        refs = [ref for node in later if (ref := self._line_of(node)) is not None]
        if not isinstance(lines, list) or not refs:
            return {"dlg": []}
        first = min(refs)
        if any(ref is not None and ref >= first for ref in map(self._line_of, earlier)):
            return {"dlg": lines}
        self._set(scene, "dlg", lines[:first])
        self._shift_lines(later, -first)
        return {"dlg": lines[first:]}

    def _join_lines(self, scene: Node, merged: Node) -> None:
        mine, theirs = self._held(scene).get("dlg"), self._held(merged).get("dlg")
        if isinstance(theirs, list) and theirs:
            mine = mine if isinstance(mine, list) else []
            self._write(scene, "dlg", [*mine, *theirs])
            self._shift_lines(self._tree.children("shots", merged), len(mine))

    def _line_of(self, shot: Node) -> int | None:
        ref = self._held(shot).get("dlg_ref")
        return ref if isinstance(ref, int) else None

    def _shift_lines(self, shots: Sequence[Node], by: int) -> None:
        for node in shots:
            if (ref := self._line_of(node)) is not None:
                self._write(node, "dlg_ref", ref + by)

    def _parted_frames(self, scene: Node, later: Sequence[Node]) -> dict[str, Any]:
        """Of the estimate, as much as the shots say that they take."""
        estimate = self._held(scene).get("est_f")
        lengths = [length for node in later if isinstance(length := self._held(node).get("dur_f"), int)]
        if not isinstance(estimate, int) or not 0 < sum(lengths) < estimate:
            return {}
        self._set(scene, "est_f", estimate - sum(lengths))
        return {"est_f": sum(lengths)}
