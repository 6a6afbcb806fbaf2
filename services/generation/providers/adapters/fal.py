"""fal's queue, also spoken by whatever stands behind a server of our own: submit, status, result, cancel, callback.

A task is named `owner/app/requests/ID`; a callback says only the ID. Addresses that an answer names are not followed.
"""

import base64
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from services.generation.providers.adapters import webhooks
from services.generation.providers.adapters.base import Adapter, in_path, nonsense, task_of
from services.generation.providers.adapters.dialects import at, listed_at, said_at
from services.generation.providers.adapters.finetunes import FineTune
from services.generation.providers.adapters.line import PAY_TIMEOUT_S, Answer, Call, Line
from services.generation.providers.capabilities import Terms
from services.generation.providers.errors import HintRefused
from services.generation.providers.port import (
    Accepted,
    Cancellation,
    Failed,
    Failure,
    FailureKind,
    Hint,
    Intent,
    Linked,
    NotStopped,
    Queued,
    Refund,
    Running,
    Stopped,
    Succeeded,
    TaskState,
    Unanswered,
)

NAME = "fal"
TERMS = Terms(result_ttl_s=24 * 3600, poll_floor_s=2.0, callbacks=True, cancels=True)
KEYS_AGE_S = 24 * 3600.0
KEYS_PAUSE_S = 60.0
_RESULTS = ("video", "image", "audio", "audio_file", "images", "videos")
_ON_THE_WAY = frozenset({"nginx", "unreachable", "answer"})
"""Failures of the way to a result, not of the task."""


class Fal(Adapter):
    """Implements `RemoteProvider`. `keys`: with which callbacks are signed now."""

    name = NAME

    def __init__(self, line: Line, tunes: Collection[FineTune], keys: "Keys") -> None:
        self._tunes = {tune.name: tune for tune in tunes if tune.provider == NAME}
        super().__init__(line, [tune.model(TERMS) for tune in self._tunes.values()])
        self._keys = keys

    def spelled(self, intent: Intent) -> Call:
        tune = self._tunes[intent.fit.model.name]
        params = {"fal_webhook": intent.callback_url} if intent.callback_url else {}
        body = tune.input_of(intent)
        return Call("POST", f"/{_segments(tune.path)}", params, json=body, timeout_s=PAY_TIMEOUT_S)

    def accepted(self, intent: Intent, answer: Answer) -> Accepted | None:
        """Requests belong to the app, without what may follow in its path."""
        task = task_of(answer.json, "request_id")
        app = "/".join(self._tunes[intent.fit.model.name].path.split("/")[:2])
        most, ahead = intent.fit.most_microcredits, at(answer.json, "queue_position")
        return (
            None
            if task is None
            else Accepted(f"{app}/requests/{task}", most, Queued(ahead if isinstance(ahead, int) else None))
        )

    async def state(self, task: str) -> TaskState:
        answer = await self.asked(Call("GET", f"/{_segments(task)}/status"))
        if not isinstance(answer, Answer):
            return answer
        match at(answer.json, "status"):
            case "IN_QUEUE":
                ahead = at(answer.json, "queue_position")
                return Queued(ahead if isinstance(ahead, int) else None)
            case "IN_PROGRESS":
                return Running()
            case "COMPLETED":
                error = said_at(answer.json, "error")
                if error:
                    return Failed(self._line.failure(said_at(answer.json, "error_type") or "failed", error))
                return await self._result(task)
        return nonsense(task)

    async def _result(self, task: str) -> TaskState:
        answer = await self._line.ask(Call("GET", f"/{_segments(task)}"))
        if isinstance(answer, Answer):
            links = tuple(_links(answer.json))
            return Succeeded(links, facts={"seed": at(answer.json, "seed")}) if links else nonsense(task)
        passing = answer.kind in (FailureKind.THROTTLED, FailureKind.AUTH) or answer.code in _ON_THE_WAY
        return Unanswered(answer) if passing else Failed(answer)

    async def cancel(self, task: str) -> Cancellation:
        answer = await self._line.ask(Call("PUT", f"/{_segments(task)}/cancel"))
        if isinstance(answer, Answer):
            return Stopped(Refund.UNSAID)
        ended = answer.kind in (FailureKind.INVALID, FailureKind.GONE)
        return NotStopped(Failure(FailureKind.GONE, "ended", "The task has ended.") if ended else answer)

    async def hint(self, headers: Mapping[str, str], body: bytes, now: float) -> Hint:
        """Its keys change now and then: a signature that fits none of those we have is tried on fresh ones, seldom."""
        try:
            delivery = webhooks.fal(await self._keys.known(now), headers, body, now)
        except HintRefused as refused:
            fresh = await self._keys.fresh(now) if refused.reason == "forged" else None
            if fresh is None:
                raise
            delivery = webhooks.fal(fresh, headers, body, now)
        task = task_of(webhooks.json_of(body), "request_id")
        if task is None or task != delivery:
            raise HintRefused("malformed")
        return Hint(task, delivery)


class Keys:
    """The public keys of callbacks, fetched by `fetch` when they are a day old, and not oftener than once a minute."""

    def __init__(self, fetch: Callable[[], Awaitable[Sequence[bytes]]]) -> None:
        self._fetch = fetch
        self._keys: Sequence[bytes] = ()
        self._at = float("-inf")

    async def known(self, now: float) -> Sequence[bytes]:
        """As they were within the last day."""
        return self._keys if now - self._at < KEYS_AGE_S else (await self.fresh(now) or ())

    async def fresh(self, now: float) -> Sequence[bytes] | None:
        """None: they were fetched a moment ago."""
        if now - self._at < KEYS_PAUSE_S:
            return None
        self._at = now
        self._keys = await self._fetch()
        return self._keys


def keys_of(jwks: Any) -> list[bytes]:
    """The raw Ed25519 keys of a JSON Web Key Set; others in it are not ours."""
    found = []
    for key in listed_at(jwks, "keys"):
        text = said_at(key, "x")
        try:
            found.append(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except ValueError:
            continue
    return [key for key in found if len(key) == 32]


def _segments(path: str) -> str:
    return "/".join(map(in_path, path.split("/")))


def _links(body: Any) -> Iterator[Linked]:
    """The files of a result, whatever its maker called them."""
    for name in _RESULTS:
        found = at(body, name)
        for file in found if isinstance(found, list) else [found]:
            url = said_at(file, "url")
            if url:
                yield Linked(url)
