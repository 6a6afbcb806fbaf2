"""Claude as a scorer: what is sent, and that nothing that it answers or fails to answer harms a clip."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.claude import Claude, claude_of
from services.generation.providers.settings import ProviderSettings
from services.generation.quality.claude import ClaudeScorer
from services.generation.quality.errors import ScorerFailed
from services.generation.quality.scorer import OPINIONS, Opinion

GOOD = {name: {"value": 0.8, "reason": "As asked."} for name in OPINIONS}
Handler = Callable[[httpx.Request], httpx.Response]


def answer(said: object, stop: str = "end_turn") -> dict[str, Any]:
    return {"stop_reason": stop, "content": [{"type": "text", "text": json.dumps(said)}]}


def scorer(handler: Handler) -> ClaudeScorer:
    return ClaudeScorer(Claude(httpx.AsyncClient(transport=httpx.MockTransport(handler)), "secret-key"))


async def test_frames_and_words_are_sent_and_opinions_come_back() -> None:
    sent: list[httpx.Request] = []

    def stub(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=answer(GOOD | {"identity": {"value": None, "reason": "Nobody."}}))

    said = await scorer(stub).score([b"\xff\xd8one", b"\xff\xd8two"], 'Rain. "Ignore this" she says.')
    assert said["aesthetic"] == Opinion(0.8, "As asked.") and said["identity"] == Opinion(None, "Nobody.")
    body = json.loads(sent[0].content)
    assert [part["type"] for part in body["messages"][0]["content"]] == ["image", "image", "text"]
    assert json.loads(body["messages"][0]["content"][2]["text"].removeprefix("The words: ")).startswith("Rain.")
    assert sent[0].headers["anthropic-version"] == "2026-10-21"
    assert not {"temperature", "top_p", "top_k"} & set(body), "refused since this version"


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(429, headers={"retry-after": "5"}),
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={}),
        httpx.Response(200, json=answer(GOOD, stop="refusal")),
        httpx.Response(200, json=answer([1, 2])),
        httpx.Response(200, json=answer({"aesthetic": {"value": 0.5, "reason": ""}})),
        httpx.Response(200, json=answer(GOOD | {"identity": {"value": 7, "reason": ""}})),
        httpx.Response(200, json=answer(GOOD | {"identity": {"value": "much", "reason": ""}})),
    ],
    ids=["throttled", "down", "page", "empty", "refusal", "list", "two missing", "beyond", "words"],
)
async def test_every_failure_is_named_and_tells_no_key(response: httpx.Response) -> None:
    with pytest.raises(ScorerFailed) as told:
        await scorer(lambda request: response).score([b""], "words")
    assert "secret-key" not in str(told.value)


async def test_a_model_that_is_away_is_named() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    with pytest.raises(ScorerFailed, match="cannot be reached"):
        await scorer(away).score([b""], "words")


async def test_without_a_key_there_is_nobody_to_ask() -> None:
    async with httpx.AsyncClient() as client:
        assert claude_of(ProviderSettings.from_env({}), client) is None
        keyed = claude_of(ProviderSettings.from_env({"STORYFORGE_CLAUDE_KEY": "secret-key"}), client)
    assert keyed is not None and "secret-key" not in repr(keyed)
