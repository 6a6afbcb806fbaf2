"""One question to Claude, with pictures or without, answered as JSON by a schema. Plain HTTP, no SDK.

Not what is asked: whoever needs a judgement (quality, safety) says that. The key goes into a header and nowhere else.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from services.generation.providers.adapters.claude import NAME, VERSION
from services.generation.providers.settings import URLS, ProviderSettings

MODEL = "claude-haiku-5-5"
TIMEOUT_S = 60.0
TOKENS_MAX = 1_000


def claude_of(settings: ProviderSettings, client: httpx.AsyncClient) -> "Claude | None":
    """None without a key: whoever would ask goes without an opinion."""
    account = settings.accounts.get(NAME)
    return None if account is None else Claude(client, account.key, url=account.url)


class ClaudeFailed(Exception):
    """There is no answer, or none that can be read; the message says what happened, for people."""

    code = "claude.failed"


class Claude:
    """`client`: without limits of its own; each question has `TIMEOUT_S`."""

    def __init__(self, client: httpx.AsyncClient, key: str, model: str = MODEL, url: str = URLS[NAME]) -> None:
        self._client = client
        self._key = key
        self._url = url
        self.model = model

    async def ask(
        self, task: str, words: str, schema: Mapping[str, Any], pictures: Sequence[bytes] = ()
    ) -> Mapping[str, Any]:
        """`pictures`: JPEGs, before the words. Never asked twice. Raises `ClaudeFailed`."""
        try:
            answer = await self._client.post(
                f"{self._url}/v1/messages",
                headers={"Authorization": f"Bearer {self._key}", "anthropic-version": VERSION},
                json={
                    "model": self.model,
                    "max_tokens": TOKENS_MAX,
                    "system": task,
                    "messages": [{"role": "user", "content": [*map(_picture, pictures), _text(words)]}],
                    "output_config": {"format": {"type": "json_schema", "schema": schema}},
                },
                timeout=TIMEOUT_S,
            )
            answer.raise_for_status()
            return _read(answer.json())
        except httpx.HTTPStatusError as error:
            raise ClaudeFailed(f"The model answered {error.response.status_code}.") from error
        except httpx.HTTPError as error:
            raise ClaudeFailed("The model cannot be reached.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ClaudeFailed("The model answered what nobody can read.") from error


def _text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def _picture(jpeg: bytes) -> dict[str, Any]:
    data = base64.b64encode(jpeg).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": data}}


def _read(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises what a wrong shape raises, and `ClaudeFailed` where the model did not end as it should."""
    if answer["stop_reason"] != "end_turn":
        raise ClaudeFailed(f"The model stopped early: {str(answer['stop_reason'])[:40]}.")
    said = json.loads("".join(part["text"] for part in answer["content"] if part["type"] == "text"))
    if not isinstance(said, dict):
        raise TypeError("not an object")
    return said
