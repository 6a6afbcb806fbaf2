"""Content in another process, as its room sees it. What a join needs of it is kept here: the state vector, and all of
it as one update, once somebody has asked for that.

How a question gets there and its answer back is `ask`'s; whoever asks waits for it.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from pycrdt import Doc

from sync.announcer import Announcer, Unwatched
from sync.content import Content
from sync.errors import ContentFailed
from sync.index import Judgement
from sync.limits import Limits
from sync.locks import Locks
from sync.names import DocumentName
from sync.remote.judging import AskThere, RemoteJudge
from sync.remote.messages import Answer, Ask, Request, Said
from sync.remote.refusals import heard
from sync.schema import SCHEMAS

AskProcess = Callable[[Request], Answer]
"""Raises `ContentLost`."""


class RemoteHolder:
    """`sync.content.Holder` of what `ask` reaches."""

    def __init__(self, ask: AskThere, stands: Answer, whole: bytes | None) -> None:
        self.announcer: Announcer = Unwatched()  # nothing native happens here; that process announces its own work
        self._ask = ask
        self._whole: bytes | None = None
        self._note(stands)
        self._whole = whole

    def _note(self, answer: Answer) -> None:
        self.bytes = int(answer.facts["bytes"])
        self._state = answer.blobs[0]
        self._whole = None

    @property
    def is_at_rest(self) -> bool:
        """For the room never: what rests there wakes by itself."""
        return False

    def rest(self) -> None:
        self._ask(Ask.REST, {}, [])
        self._whole = None

    def wake(self) -> None: ...

    def holds(self, data: bytes) -> bool:
        raise AssertionError("only asked of what is at rest")

    def state_vector(self) -> bytes:
        return self._state

    def difference(self, state_vector: bytes) -> bytes:
        return self._ask(Ask.DIFFERENCE, {}, [state_vector]).blobs[0]

    def encode(self) -> bytes:
        if self._whole is None:
            self._whole = self._ask(Ask.ENCODE, {}, []).blobs[0]
            self.bytes = len(self._whole)
        return self._whole

    def apply(self, judgement: Judgement) -> None:
        self._note(self._ask(Ask.APPLY, {}, []))

    def load(self, data: bytes) -> None:
        self._note(self._ask(Ask.LOAD, {}, [data]))


def open_there(
    ask: AskProcess,
    opened: UUID,
    name: DocumentName,
    server_client: int,
    limits: Limits,
    states: Sequence[bytes],
    rests: bool,
) -> Content:
    """Waits until the document is loaded there, to be named `opened`. Raises `ContentLost`, `ContentFailed`."""
    ask_there = _about(opened, ask)
    facts = {
        "document": name.id.hex,
        "kind": name.kind.value,
        "server_client": server_client,
        "document_bytes_max": limits.document_bytes_max,
        "rests": rests,
    }
    stands = ask_there(Ask.OPEN, facts, states)
    judge = RemoteJudge(SCHEMAS[name.kind], Locks(Doc()), ask_there)
    whole = states[0] if rests else None
    return Content(RemoteHolder(ask_there, stands, whole), judge, is_remote=True)


def _about(opened: UUID, ask: AskProcess) -> AskThere:
    def ask_there(what: Ask, facts: dict[str, Any], blobs: Sequence[bytes]) -> Answer:
        answer = ask(Request(what, opened, facts, blobs))
        if answer.said is Said.FAILED:
            raise ContentFailed(str(answer.facts["what"]))
        if answer.said is Said.REFUSED:
            raise heard(answer.facts["refusal"], answer.facts["arguments"])
        return answer

    return ask_there
