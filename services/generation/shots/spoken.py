"""One line of dialogue as an errand: spoken by a voice of somebody else's, or by ours when certainly nobody does.

What was refused for what it says, or may have been charged, has no stand-in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.generation.providers.capabilities import Kind, Want
from services.generation.shots.errand import NOTHING_INSTEAD

VOICE_SEED = 7
"""The same line is spoken the same way in every take."""


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """Implements `Errand`. `voice`: the provider's id of one."""

    text: str
    voice: str
    seed: int

    kind = Kind.VOICE
    is_patient = False

    def foreseen(self) -> Want:
        return Want(Kind.VOICE, self.text, voice=self.voice, seed=self.seed)

    async def want(self, desk: object) -> Want:
        return self.foreseen()

    def inspected(self, held: object, desk: object) -> None:
        return None

    async def output(self, made: Mapping[str, Any], desk: object) -> Mapping[str, Any]:
        return {"media": made["outputs"][0]["media"], "why": None}

    def instead(self, code: str, why: str) -> Mapping[str, Any] | None:
        if code in NOTHING_INSTEAD:
            return None
        return {"media": None, "why": f"{why} The built-in voice speaks this line."}
