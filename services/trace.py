"""One trace through a request, a run and an edit: W3C trace context in a context variable, and ids that logs bind.

Not a tracer: nothing is timed, sampled or exported here; the log lines of a trace are its record (decision 15).
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.DOTALL)
TRACEPARENT_CHARS_MAX = 128
_NOTHING: Mapping[str, str] = MappingProxyType({})
_bound: ContextVar[Mapping[str, str]] = ContextVar("storyforge_bound", default=_NOTHING)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where we are in it: `id` 32 and `span` 16 hexadecimal digits, `flags` two."""

    id: str
    span: str
    flags: str = "01"

    @property
    def traceparent(self) -> str:
        """As the header and the row of a run carry it."""
        return f"00-{self.id}-{self.span}-{self.flags}"


def begin(traceparent: str | None) -> Trace:
    """A span of our own: in the trace that the caller names, or in a new one if it names none that is valid."""
    parent = parse(traceparent)
    span = secrets.token_hex(8)
    return Trace(secrets.token_hex(16), span) if parent is None else Trace(parent.id, span, parent.flags)


def parse(traceparent: str | None) -> Trace | None:
    """W3C Trace Context level 1, section 3.2; of a later version the four fields that we know."""
    if traceparent is None or len(traceparent) > TRACEPARENT_CHARS_MAX:
        return None
    found = _TRACEPARENT.fullmatch(traceparent.strip())
    if found is None:
        return None
    version, trace_id, span, flags, more = found.groups()
    if version == "ff" or (version == "00" and more) or not trace_id.strip("0") or not span.strip("0"):
        return None
    return Trace(trace_id, span, flags)


@contextmanager
def tracing(trace: Trace, **ids: str) -> Iterator[None]:
    """What is logged inside, in this task and those that it starts, says the trace and these ids."""
    with binding(trace=trace.id, span=trace.span, trace_flags=trace.flags, **ids):
        yield


@contextmanager
def binding(**ids: str) -> Iterator[None]:
    """Ids only: never content, tokens or names."""
    token = _bound.set(MappingProxyType({**_bound.get(), **ids}))
    try:
        yield
    finally:
        _bound.reset(token)


def bound() -> Mapping[str, str]:
    """For the log's formatter."""
    return _bound.get()


def traceparent() -> str | None:
    """What to hand on to whoever goes on elsewhere; None outside a trace."""
    ids = _bound.get()
    return Trace(ids["trace"], ids["span"], ids["trace_flags"]).traceparent if "trace" in ids else None
