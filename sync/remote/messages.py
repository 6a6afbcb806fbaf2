"""What a room asks of the process that holds its document's content, and the answers; all of it as bytes.

Both sides are the same build on one machine, so there are no versions. Large bytes stay apart from the rest, so that
nobody copies them on their way.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from struct import Struct
from typing import Any
from uuid import UUID


class Ask(StrEnum):
    """What is asked. In brackets the facts and blobs that go with it; the answer is `Said.DONE` unless said."""

    OPEN = "open"
    """[document, kind, server_client, document_bytes_max, rests; the states in order] -> as `LOAD`"""
    LOAD = "load"
    """[; a row] -> [bytes; state vector]"""
    JUDGE = "judge"
    """[bytes_max, document_bytes; update] -> [authors], `INCOMPLETE` [what], `NOTHING`, `REFUSED` [code, arguments]"""
    APPLY = "apply"
    """What was judged last -> as `LOAD`"""
    KNOWS = "knows"
    """[bytes_max; update] -> [knows], `REFUSED`"""
    CLIENTS = "clients"
    """[; update] -> [clients], `REFUSED`"""
    JUDGE_PARTS = "judge_parts"
    """[clients of each; updates] -> [authors; all of them as one update], `NOTHING`, `REFUSED`"""
    ENCODE = "encode"
    """-> [; the document]"""
    DIFFERENCE = "difference"
    """[; state vector] -> [; update]"""
    REST = "rest"
    """It wakes by itself."""
    CLOSE = "close"


class Said(StrEnum):
    """How an answer begins."""

    DONE = "done"
    INCOMPLETE = "incomplete"
    NOTHING = "nothing"
    REFUSED = "refused"
    FAILED = "failed"
    """Native code did, or the document is not here (any more)."""


@dataclass(frozen=True, slots=True)
class Request:
    """About one opening of a document. `opened`: names it; the same document may be opened anew meanwhile."""

    ask: Ask
    opened: UUID
    facts: Mapping[str, Any] = field(default_factory=dict)
    blobs: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """To the request before it: one at a time is under way."""

    said: Said = Said.DONE
    facts: Mapping[str, Any] = field(default_factory=dict)
    blobs: Sequence[bytes] = ()


PREFIX = Struct("<II")
"""Bytes of the head, number of blobs."""
SIZE = Struct("<Q")
"""Of one blob; all sizes stand before the head."""


def encode_request(request: Request) -> list[bytes]:
    """Pieces to send one after another."""
    return _encode({"ask": request.ask, "opened": request.opened.hex, "facts": request.facts}, request.blobs)


def decode_request(head: bytes, blobs: Sequence[bytes]) -> Request:
    said = json.loads(head)
    return Request(Ask(said["ask"]), UUID(hex=said["opened"]), said["facts"], blobs)


def encode_answer(answer: Answer) -> list[bytes]:
    """Pieces to send one after another."""
    return _encode({"said": answer.said, "facts": answer.facts}, answer.blobs)


def decode_answer(head: bytes, blobs: Sequence[bytes]) -> Answer:
    said = json.loads(head)
    return Answer(Said(said["said"]), said["facts"], blobs)


def _encode(head: Mapping[str, Any], blobs: Sequence[bytes]) -> list[bytes]:
    text = json.dumps(head, separators=(",", ":")).encode()
    sizes = b"".join(SIZE.pack(len(blob)) for blob in blobs)
    return [PREFIX.pack(len(text), len(blobs)) + sizes + text, *blobs]
