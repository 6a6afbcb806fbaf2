"""A pycrdt replica behind the Hocuspocus provider's habits, and the socket that outlives it for a while."""

from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pycrdt import Doc, Map, Text

from sync.awareness import AwarenessState, encode
from sync.messages import Awareness, DocumentMessage, Step2, Update
from tests import scenery

if TYPE_CHECKING:
    from tests.simulation.node import Node

POISON = "☠"
"""An edit with this in it ends every replica that applies it."""
GESTURES = ("set", "set", "text", "text", "cut", "scene", "remove")


@dataclass(slots=True)
class Client:
    """Counts what is not acknowledged, oldest first. `denied`: how many of them were answered with no."""

    number: int
    doc: Doc[Any]
    epoch: int = 1
    may_write: bool = True
    node: "Node | None" = None
    session: int = 0
    up: deque[DocumentMessage] = field(default_factory=deque)
    down: deque[DocumentMessage] = field(default_factory=deque)
    unacknowledged: deque[bytes] = field(default_factory=deque)
    denied: int = 0
    quiet: bool = False
    answered: bool = False
    """Whether it has answered the hub's first Step1; the provider counts that answer and no later one."""
    presence_clock: int = 0
    poison_sent: int = 0
    """How often its poison has ended a session; 0: it made none."""

    @property
    def actor(self) -> UUID:
        return UUID(int=1000 + self.number)

    @property
    def has_presence(self) -> bool:
        """The others are plain replicas without presence, as pycrdt's and y-py's are."""
        return self.number % 3 != 0

    @property
    def client_id(self) -> int:
        return int(self.doc.client_id)

    def begin(self, doc: Doc[Any], epoch: int) -> None:
        """A replica of its own from now on, which it tells the hub about."""
        self.doc, self.epoch, self.poison_sent, self.presence_clock = doc, epoch, 0, 0

        def changed(event: Any) -> None:
            if not self.quiet and doc is self.doc and event.update != b"\0\0":
                self.send(Update(bytes(event.update)))

        doc.observe(changed)

    def opened(self, node: "Node", session: int) -> None:
        """A fresh socket: nothing is pending on it."""
        self.node, self.session, self.denied, self.answered = node, session, 0, False
        for queue in (self.up, self.down):
            queue.clear()
        self.unacknowledged.clear()

    def send(self, message: Update | Step2) -> None:
        if self.node is not None:
            self.up.append(message)
            if isinstance(message, Update) or not self.answered:
                self.unacknowledged.append(message.update)

    def tell_presence(self) -> None:
        if self.has_presence and self.node is not None:
            self.presence_clock += 1
            self.up.append(Awareness(encode([AwarenessState(self.client_id, self.presence_clock, "{}")])))

    @property
    def waits(self) -> bool:
        """Whether something is still to come."""
        return bool(self.up or self.down) or len(self.unacknowledged) > self.denied

    def gesture(self, rng: Random, fresh: int) -> str:
        """One transaction; what it was. `fresh`: a number that nobody has used."""
        kind = rng.choice(GESTURES)
        with self.doc.transaction():
            ext = self.doc.get("ext", type=Map)
            if kind == "set":
                ext[rng.choice("abc")] = rng.randrange(1000)
            elif kind == "remove":
                present = [key for key in "abc" if key in ext]
                if present:
                    del ext[rng.choice(present)]
            elif kind == "scene":
                scenery.add_scene(self.doc, scenery.NewScene(f"scn_{fresh}", "V", "1", "T", "prompt"))
            else:
                self._edit_text(rng, kind)
        return kind

    def _edit_text(self, rng: Random, kind: str) -> None:
        scenes = self.doc.get("scenes", type=Map)
        names = sorted(scenes.keys())  # in an order that a seed repeats
        if rng.random() < 0.7:  # who looks leaves alone what is locked
            names = [name for name in names if scenes[name].get("lock") is None]
        texts = [scenes[name]["prompt"] for name in names]
        if not texts:
            return
        text: Text = rng.choice(texts)
        if kind == "text":
            place = len(str(text)[: rng.randrange(len(str(text)) + 1)].encode())
            text.insert(place, rng.choice(("word ", "é", "🎬")))
        elif len(str(text)) > 1:
            place = rng.randrange(len(str(text)) - 1)
            start, end = len(str(text)[:place].encode()), len(str(text)[: place + 1].encode())
            del text[start:end]

    def poison(self) -> None:
        """An edit that is well-formed and ends native code all the same."""
        self.doc.get("ext", type=Map)["poison"] = POISON
        self.poison_sent = 1


@dataclass(slots=True)
class Zombie:
    """A socket whose client has gone to another one; the hub does not know yet. `up`: bytes still on their way."""

    node: "Node"
    session: int
    up: deque[DocumentMessage]
