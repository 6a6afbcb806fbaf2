"""Claude's messages, API version 2026-10-21: no temperature, answers by a schema, refusals with a 200."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.stubs.provider import Malformed, Order, Provider, Spoken, need, one_of, only
from deploy.stubs.stage import Made, Scenario, Task

CENTS_A_TOKEN = {
    "claude-haiku-5-5": (0.00001, 0.00005),
    "claude-sonnet-5-5": (0.0002, 0.001),
    "claude-opus-5-5": (0.0004, 0.002),
}
INPUT_TOKENS, OUTPUT_TOKENS = 25, 15


class Claude(Provider):
    name = "claude"
    charges_broken = False

    def routes(self) -> list[BaseRoute]:
        return [Route("/v1/messages", self.messages, methods=["POST"])]

    def refusals(self) -> Mapping[Scenario, Spoken]:
        return {
            Scenario.THROTTLED: _error(429, "rate_limit_error", "Too many requests.", {"retry-after": "7"}),
            Scenario.BUSY: _error(529, "overloaded_error", "Overloaded"),
            Scenario.BROKEN: _error(500, "api_error", "Internal server error"),
            Scenario.OUT_OF_CREDIT: _error(402, "billing_error", "Your credit balance is too low."),
        }

    def no_key(self) -> Spoken:
        return _error(401, "authentication_error", "invalid x-api-key")

    def malformed(self, sentence: str) -> Spoken:
        return _error(400, "invalid_request_error", sentence)

    def key_of(self, request: Request) -> str:
        return super().key_of(request) or request.headers.get("x-api-key", "")

    async def messages(self, request: Request) -> Response:
        return await self.paid(request, _read, self._answered)

    async def _answered(self, request: Request, task: Task) -> Response:
        """FAILED is an answer that was cut off at `max_tokens`."""
        reasons = {Scenario.MODERATED: "refusal", Scenario.FAILED: "max_tokens"}
        schema = task.body.get("output_config", {}).get("format", {}).get("schema")
        text = "A wide street in the rain." if schema is None else json.dumps(_example(schema))
        message = {
            "id": f"msg_{task.id}",
            "type": "message",
            "role": "assistant",
            "model": task.model,
            "content": [{"type": "text", "text": text}],
            "stop_reason": reasons.get(task.scenario, "end_turn"),
            "stop_sequence": None,
            "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS},
        }
        return JSONResponse(message, headers={"request-id": task.id})


def _read(request: Request, body: Any) -> Order:
    one_of(request.headers.get("anthropic-version"), "2026-10-21", "2023-06-01")
    for name in ("temperature", "top_p", "top_k"):
        if name in body:
            raise Malformed(f"{name}: not supported in this version")
    only(body, "model", "max_tokens", "messages", "system", "output_config")
    model = one_of(need(body, "model", str), *CENTS_A_TOKEN)
    need(body, "max_tokens", int)
    if [one.get("role") for one in need(body, "messages", list)][-1:] != ["user"]:
        raise Malformed("messages: the last one is the user's")
    into, out = CENTS_A_TOKEN[model]
    return Order(Made("text"), model, into * INPUT_TOKENS + out * OUTPUT_TOKENS)


def _example(schema: Mapping[str, Any]) -> Any:
    """The least that satisfies a schema."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            required = schema.get("required", ())
            return {name: _example(schema["properties"][name]) for name in required}
        case "array":
            return [_example(schema["items"]) for _ in range(schema.get("minItems", 0))]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return "rain"


def _error(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> Spoken:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_stub"}
    return Spoken(status, body, headers or {})
