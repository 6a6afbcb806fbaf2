"""The other side: documents without their rooms. Every question gets an answer, whatever native code does short of
ending the process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sync.announcer import Announcer
from sync.content import Content, loaded_here
from sync.errors import Refused
from sync.index import Judgement
from sync.judge import Incomplete, Nothing, Part
from sync.limits import Limits
from sync.names import Kind
from sync.remote.messages import Answer, Ask, Request, Said
from sync.remote.refusals import told


@dataclass(slots=True)
class _Held:
    content: Content
    judged: Judgement | None = None
    """What `APPLY` takes in."""


class Contents:
    """`announcer_of`: where native work on a document is announced."""

    def __init__(self, announcer_of: Callable[[UUID], Announcer]) -> None:
        self._announcer_of = announcer_of
        self._held: dict[UUID, _Held] = {}

    def bytes_of(self, opened: UUID) -> int:
        """About how large it is; 0 for one that is not here."""
        held = self._held.get(opened)
        return 0 if held is None else held.content.holder.bytes

    def answer(self, request: Request) -> Answer:
        """A document at which native code has failed is let go of: nobody knows what is left of it."""
        try:
            if request.ask is Ask.OPEN:
                return self._open(request)
            held = self._held.get(request.opened)
            if held is None:
                return Answer(Said.FAILED, {"what": "the document is not here"})
            return self._answer(held, request)
        except Refused as refusal:
            if request.ask in (Ask.OPEN, Ask.LOAD):  # what is in the log cannot be refused
                return self._failed(request.opened, refusal)
            return Answer(Said.REFUSED, told(refusal))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # pycrdt's PanicException is no Exception
            return self._failed(request.opened, error)

    def _failed(self, opened: UUID, error: BaseException) -> Answer:
        self._held.pop(opened, None)
        return Answer(Said.FAILED, {"what": f"{type(error).__name__}: {error}"})

    def _open(self, request: Request) -> Answer:
        facts = request.facts
        limits = Limits(document_bytes_max=facts["document_bytes_max"])
        announcer = self._announcer_of(UUID(hex=facts["document"]))
        content = loaded_here(
            Kind(facts["kind"]), facts["server_client"], limits, announcer, request.blobs, rests=facts["rests"]
        )
        self._held[request.opened] = _Held(content)
        return _stands(content)

    def _answer(self, held: _Held, request: Request) -> Answer:
        content, facts, blobs = held.content, request.facts, request.blobs
        if content.holder.is_at_rest and request.ask in (Ask.JUDGE, Ask.KNOWS, Ask.JUDGE_PARTS):
            if request.ask is not Ask.JUDGE_PARTS and content.holder.holds(blobs[0]):
                return Answer(Said.NOTHING, {"knows": True})
            try:
                content.holder.wake()
            except Refused as unreadable:
                return self._failed(request.opened, unreadable)
        match request.ask:
            case Ask.LOAD:
                content.holder.load(blobs[0])
                return _stands(content)
            case Ask.JUDGE:
                return self._judge(held, blobs[0], facts)
            case Ask.JUDGE_PARTS:
                clients = [frozenset(of_part) for of_part in facts["clients"]]
                return self._judge_parts(held, [Part(*part) for part in zip(blobs, clients, strict=True)])
            case Ask.APPLY:
                return self._apply(held)
            case Ask.KNOWS:
                return Answer(facts={"knows": content.judge.knows(blobs[0], facts["bytes_max"])})
            case Ask.CLIENTS:
                return Answer(facts={"clients": sorted(content.judge.clients_of(blobs[0]))})
            case Ask.ENCODE:
                return Answer(blobs=[content.holder.encode()])
            case Ask.DIFFERENCE:
                return Answer(blobs=[content.holder.difference(blobs[0])])
            case Ask.REST:
                content.holder.rest()
                return Answer()
            case Ask.CLOSE:
                del self._held[request.opened]
                return Answer()
            case Ask.OPEN:
                raise AssertionError("answered before")

    def _judge(self, held: _Held, data: bytes, facts: Any) -> Answer:
        announcer = held.content.holder.announcer
        announcer.begin(data, False)
        try:
            found = held.content.judge.judge(data, facts["bytes_max"], facts["document_bytes"])
        finally:
            announcer.end()
        match found:
            case Incomplete(what):
                return Answer(Said.INCOMPLETE, {"what": what})
            case Nothing():
                return Answer(Said.NOTHING)
            case Judgement():
                held.judged = found
                return Answer(facts={"authors": sorted(found.authors)})

    def _judge_parts(self, held: _Held, parts: list[Part]) -> Answer:
        announcer = held.content.holder.announcer
        announcer.begin(b"", False)
        try:
            found = held.content.judge.judge_parts(parts)
        except ValueError:  # that cannot be merged
            found = None
        finally:
            announcer.end()
        if found is None:
            return Answer(Said.NOTHING)
        held.judged = found
        return Answer(facts={"authors": sorted(found.authors)}, blobs=[bytes(found.update.data)])

    def _apply(self, held: _Held) -> Answer:
        judged, held.judged = held.judged, None
        assert judged is not None, "judged before it is applied"
        announcer = held.content.holder.announcer
        announcer.begin(judged.update.data, False)
        try:
            held.content.holder.apply(judged)
        finally:
            announcer.end()
        return _stands(held.content)


def _stands(content: Content) -> Answer:
    return Answer(facts={"bytes": content.holder.bytes}, blobs=[content.holder.state_vector()])
