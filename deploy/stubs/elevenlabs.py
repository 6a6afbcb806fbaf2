"""ElevenLabs: speech with the moment of every character, and sounds."""

import base64
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.stubs.media import spoiled
from deploy.stubs.provider import Malformed, Order, Provider, Spoken, need, one_of, only
from deploy.stubs.stage import Made, Scenario, Task

CREDITS_A_CHARACTER = {"eleven_multilingual_v2": 1.0, "eleven_flash_v2_5": 0.5, "eleven_v3": 1.0}
CHARACTERS_MAX = {"eleven_multilingual_v2": 10_000, "eleven_flash_v2_5": 40_000, "eleven_v3": 5_000}
SOUND_CREDITS_A_SECOND = 40
CHARACTERS_A_SECOND = 15.0
VOICES = ("JBFqnCBsd6RMkjVDRZzb", "21m00Tcm4TlvDq8ikWAM")


class ElevenLabs(Provider):
    name = "elevenlabs"

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/v1/text-to-speech/{voice}/with-timestamps", self.speech, methods=["POST"]),
            Route("/v1/sound-generation", self.sound, methods=["POST"]),
        ]

    def refusals(self) -> Mapping[Scenario, Spoken]:
        return {
            Scenario.THROTTLED: _error(429, "too_many_concurrent_requests", "Too many concurrent requests."),
            Scenario.BUSY: _error(429, "system_busy", "We are experiencing heavy traffic."),
            Scenario.BROKEN: Spoken(502, "<html>Bad Gateway</html>"),
            Scenario.OUT_OF_CREDIT: _error(401, "quota_exceeded", "This request exceeds your quota."),
            Scenario.MODERATED: _error(403, "content_against_policy", "The text is against our policy."),
            Scenario.FAILED: _error(400, "voice_not_found", "A voice with that id was not found."),
        }

    def no_key(self) -> Spoken:
        return _error(401, "invalid_api_key", "Invalid API key")

    def malformed(self, sentence: str) -> Spoken:
        return Spoken(422, {"detail": [{"type": "value_error", "loc": ["body"], "msg": sentence}]})

    def key_of(self, request: Request) -> str:
        return request.headers.get("xi-api-key", "")

    async def speech(self, request: Request) -> Response:
        return await self.paid(request, _speech, self._spoken)

    async def sound(self, request: Request) -> Response:
        return await self.paid(request, _sound, self._sounded)

    async def _spoken(self, request: Request, task: Task) -> Response:
        text = task.body["text"]
        starts = [round(index / CHARACTERS_A_SECOND, 3) for index in range(len(text) + 1)]
        alignment = {
            "characters": list(text),
            "character_start_times_seconds": starts[:-1],
            "character_end_times_seconds": starts[1:],
        }
        told = {
            "audio_base64": base64.b64encode(await self._data(task)).decode(),
            "alignment": alignment,
            "normalized_alignment": alignment,
        }
        return JSONResponse(told, headers=_headers(task))

    async def _sounded(self, request: Request, task: Task) -> Response:
        return Response(await self._data(task), media_type="audio/mpeg", headers=_headers(task))

    async def _data(self, task: Task) -> bytes:
        data = await self.media.of(task.made)
        return spoiled(data) if task.scenario is Scenario.CORRUPT else data


def _headers(task: Task) -> dict[str, str]:
    return {"request-id": task.id, "character-cost": str(round(task.cost))}


def _speech(request: Request, body: Any) -> Order:
    only(body, "text", "model_id", "seed", "language_code", "voice_settings")
    one_of(request.query_params.get("output_format"), "mp3_44100_128")
    model = one_of(need(body, "model_id", str), *CREDITS_A_CHARACTER)
    text = need(body, "text", str)
    if not 1 <= len(text) <= CHARACTERS_MAX[model]:
        raise Malformed("text")
    one_of(request.path_params["voice"], *VOICES)
    length_s = max(1.0, round(len(text) / CHARACTERS_A_SECOND, 1))
    return Order(Made("mp3", duration_s=length_s), model, len(text) * CREDITS_A_CHARACTER[model])


def _sound(request: Request, body: Any) -> Order:
    only(body, "text", "model_id", "duration_seconds", "prompt_influence")
    seconds = need(body, "duration_seconds", int, float)
    if not 0.5 <= seconds <= 22 or not need(body, "text", str):
        raise Malformed("duration_seconds")
    return Order(Made("mp3", duration_s=seconds), need(body, "model_id", str), SOUND_CREDITS_A_SECOND * seconds)


def _error(status: int, code: str, message: str) -> Spoken:
    return Spoken(status, {"detail": {"status": code, "message": message}})
