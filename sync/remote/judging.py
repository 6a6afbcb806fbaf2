"""A judge in another process, as its room sees it.

Compiled together with `sync.judge`, whose place it takes.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sync.index import IndexLimits, Judgement, StructIndex
from sync.judge import Incomplete, Judge, Nothing, Part
from sync.layer import Layer
from sync.locks import Locks
from sync.remote.messages import Answer, Ask, Said
from sync.schema import Schema
from sync.update import TYPE_MAP, Update

AskThere = Callable[[Ask, dict[str, Any], Sequence[bytes]], Answer]
"""About one document. Raises `ContentLost`, `ContentFailed`, and what the answer refuses."""


class RemoteJudge(Judge):
    """Its own index stays empty."""

    __slots__ = ("_ask",)

    def __init__(self, schema: Schema, locks: Locks, ask: AskThere) -> None:
        super().__init__(StructIndex(), schema, locks, 0)
        self._ask = ask

    def knows(self, data: bytes, bytes_max: int) -> bool:
        return bool(self._ask(Ask.KNOWS, {"bytes_max": bytes_max}, [data]).facts["knows"])

    def judge(self, data: bytes, bytes_max: int, document_bytes: int) -> Judgement | Incomplete | Nothing:
        facts = {"bytes_max": bytes_max, "document_bytes": document_bytes}
        answer = self._ask(Ask.JUDGE, facts, [data])
        if answer.said == Said.INCOMPLETE:
            return Incomplete(str(answer.facts["what"]))
        if answer.said == Said.NOTHING:
            return Nothing()
        return _judgement(data, answer)

    def clients_of(self, data: bytes) -> set[int]:
        return set(self._ask(Ask.CLIENTS, {}, [data]).facts["clients"])

    def judge_parts(self, parts: Sequence[Part]) -> Judgement | None:
        facts = {"clients": [sorted(part.clients) for part in parts]}
        answer = self._ask(Ask.JUDGE_PARTS, facts, [part.update for part in parts])
        return None if answer.said == Said.NOTHING else _judgement(answer.blobs[0], answer)


def _judgement(data: bytes, answer: Answer) -> Judgement:
    """What the room needs of it: the bytes and whose they are. What they would touch is known where it was judged."""
    update = Update(data, [], [], [], [])
    layer = Layer({}, {}, update, IndexLimits(), TYPE_MAP, False, 0)
    return Judgement(update, layer, 0, set(answer.facts["authors"]), set())
