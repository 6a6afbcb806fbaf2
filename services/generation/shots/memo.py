"""What a shot's step remembers from one turn to the next; its paid calls are rows, not this. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from services.generation.routing.model import ModelId
from services.generation.routing.router import Call


@dataclass(frozen=True, slots=True)
class Memo:
    """`turn`: of the router, from 1. `tried`: models before this turn's, as `provider/model`.

    `settled`: how many calls' setbacks have been answered, so that the next may be made. `waited_s` and `throttles`: at
    this turn's model. `stopping`: its task was asked to stop. `waits`: for anybody to be well. `call`: as the router
    admitted it.
    """

    turn: int = 1
    tried: tuple[str, ...] = ()
    settled: int = 0
    waited_s: float = 0.0
    throttles: int = 0
    stopping: bool = False
    waits: int = 0
    call: Mapping[str, Any] | None = None

    def next_turn(self, tried: frozenset[ModelId], settled: int) -> "Memo":
        """Another model."""
        return Memo(self.turn + 1, tuple(sorted(map(str, tried))), settled)

    def again(self, settled: int, wait_s: float, *, counts: bool) -> "Memo":
        """The same model after a wait."""
        throttles = self.throttles + (0 if counts else 1)
        return replace(self, settled=settled, waited_s=self.waited_s + wait_s, throttles=throttles, call=None)

    def calling(self, call: Call) -> "Memo":
        """A call was admitted."""
        kept = {"route": str(call.route_id), "model": str(call.model), "lane": call.lane, "probe": call.is_probe}
        return replace(self, call=kept)

    @property
    def models_tried(self) -> frozenset[ModelId]:
        return frozenset(model_of(name) for name in self.tried)

    @property
    def admitted(self) -> Call | None:
        """Inverse of `calling`."""
        if self.call is None:
            return None
        route_id, model = UUID(self.call["route"]), model_of(self.call["model"])
        return Call(route_id, model, self.call["lane"], self.call["probe"])


def model_of(name: str) -> ModelId:
    """Of `provider/model`; a model's own name may have slashes."""
    provider, _, model = name.partition("/")
    return ModelId(provider, model)


def spelled(memo: Memo) -> dict[str, Any]:
    """As JSON."""
    return asdict(memo)


def read(kept: Mapping[str, Any] | None) -> Memo:
    """Inverse of `spelled`; a step that is new has none."""
    return Memo() if kept is None else Memo(**{**kept, "tried": tuple(kept["tried"])})
