"""One line of dialogue as an errand: spoken by a voice of somebody else's, or by ours when certainly nobody does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.generation.providers.capabilities import Kind, Want

VOICE_SEED = 7
"""The same line is spoken the same way in every take."""


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """Implements `Errand`. `voice`: the provider's id of one."""

    text: str
    voice: str
    seed: int

    kind = Kind.VOICE

    def foreseen(self) -> Want:
        return Want(Kind.VOICE, self.text, voice=self.voice, seed=self.seed)

    async def want(self, desk: object) -> Want:
        return self.foreseen()

    def inspected(self, held: object, desk: object) -> None:
        return None

    async def output(self, made: Mapping[str, Any], desk: object) -> Mapping[str, Any]:
        return {"media": made["outputs"][0]["media"], "why": None}

    def instead(self, why: str) -> Mapping[str, Any]:
        return {"media": None, "why": f"{why} The built-in voice speaks this line."}
