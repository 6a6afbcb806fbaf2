"""Claude: words, such as a scene expanded into a shot plan, answered at once. API version 2026-10-21.

That version takes no `temperature`, and structured answers by a JSON Schema. A refusal comes with a 200, and costs.
"""

from typing import Any

from services.generation.providers.adapters.base import Immediate, task_of
from services.generation.providers.adapters.dialects import at, listed_at, said_at
from services.generation.providers.adapters.line import Answer, Call
from services.generation.providers.capabilities import Kind, Model, PromptUnit, Terms
from services.generation.providers.port import Accepted, Failed, Inline, Intent, Succeeded
from services.generation.providers.prices import PerToken

NAME = "claude"
VERSION = "2026-10-21"
TIMEOUT_S = 120.0
PROMPT_BYTES_MAX = 100_000
"""So that no prompt has more than the 100,000 tokens up to which the small model has its low price."""


def _model(name: str, price: PerToken) -> Model:
    return Model(NAME, name, Kind.TEXT, price, Terms(charges_moderated=True), PROMPT_BYTES_MAX, PromptUnit.BYTES)


PRICES = {
    "claude-haiku-5-5": PerToken(10, 50),
    "claude-sonnet-5-5": PerToken(200, 1_000),
    "claude-opus-5-5": PerToken(400, 2_000),
}
MODELS = tuple(_model(name, price) for name, price in PRICES.items())


class Claude(Immediate):
    """Implements `RemoteProvider`."""

    name = NAME

    def spelled(self, intent: Intent) -> Call:
        want = intent.want
        body: dict[str, Any] = {
            "model": intent.fit.model.name,
            "max_tokens": want.answer_tokens_max,
            "messages": [{"role": "user", "content": want.prompt}],
        }
        if want.instructions:
            body["system"] = want.instructions
        if want.schema is not None:
            body["output_config"] = {"format": {"type": "json_schema", "schema": dict(want.schema)}}
        return Call("POST", "/v1/messages", json=body, timeout_s=TIMEOUT_S)

    def accepted(self, intent: Intent, answer: Answer) -> Accepted | None:
        body, most = answer.json, intent.fit.most_microcredits
        task = task_of(body, "id")
        if task is None:
            return None
        cost = _cost(PRICES[intent.fit.model.name], at(body, "usage"))
        reason = said_at(body, "stop_reason")
        if reason not in ("end_turn", "stop_sequence"):
            return Accepted(task, most, Failed(self._line.failure(reason, f"The answer ended with {reason}."), cost))
        blocks = listed_at(body, "content")
        text = "".join(said_at(block, "text") for block in blocks if at(block, "type") == "text")
        kind = "text/plain" if intent.want.schema is None else "application/json"
        output = Inline(text.encode(errors="replace"), kind)
        facts = {"model": said_at(body, "model"), "usage": at(body, "usage")}
        return Accepted(task, most, Succeeded((output,), cost, facts))


def _cost(price: PerToken, usage: Any) -> int | None:
    """Nothing is cached on our side, so all tokens have the plain price."""
    tokens = at(usage, "input_tokens"), at(usage, "output_tokens")
    return price.of(*tokens) if all(isinstance(count, int) for count in tokens) else None
