"""What the histories of some seeds hold besides gestures: undo and redo, and somebody who writes raw registers."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from pycrdt import Doc

from sync.undo import Undo

EVERY = 5
STRANGER, UNDOING = 1, 2
"""Which seeds of every five. The histories of the others are as they were before these came."""


class Mix:
    """`scribble`: writes raw registers. `undo_of`: the undo of who works on that replica."""

    def __init__(
        self,
        seed: int,
        docs: Sequence[Doc[Any]],
        rng: Random,
        scribble: Callable[[Doc[Any], Random], None],
        undo_of: Callable[[Doc[Any]], Undo],
    ) -> None:
        self._docs = docs
        self._rng = rng
        self._scribble = scribble if seed % EVERY == STRANGER else None
        self._undos = [undo_of(doc) for doc in docs] if seed % EVERY == UNDOING else []

    def act(self, who: int, gesture: Callable[[Doc[Any], Random], str]) -> str:
        """Something on this replica; its name."""
        if self._scribble is not None and self._rng.random() < 0.4:
            self._scribble(self._docs[who], self._rng)
            return "raw registers"
        if not self._undos:
            return gesture(self._docs[who], self._rng)
        undo = self._undos[who]
        chance = self._rng.random()
        if chance < 0.2:
            return "undo" if undo.undo() else "undo?"
        if chance < 0.3:
            return "redo" if undo.redo() else "redo?"
        return undo.do(lambda: gesture(self._docs[who], self._rng))
