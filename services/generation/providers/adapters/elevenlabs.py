"""ElevenLabs: voices with the moment of every character, and sounds, answered at once."""

from typing import Any

from services.generation.providers.adapters.base import Immediate, decoded, in_path, task_of
from services.generation.providers.adapters.dialects import at, said_at
from services.generation.providers.adapters.line import Answer, Call
from services.generation.providers.capabilities import Kind, Model, Terms
from services.generation.providers.port import Accepted, Inline, Intent, Succeeded
from services.generation.providers.prices import MICRO, PerSecond, PerThousandCharacters

NAME = "elevenlabs"
TIMEOUT_S = 120.0
FORMAT = "mp3_44100_128"
CHARACTER_MICROCREDITS = 10_000
"""One of their credits, which are counted in characters, at its price without a plan."""
_TERMS = Terms(tiers=(2, 3, 5, 10, 15))


def _voice(name: str, cents: int, prompt_max: int) -> Model:
    price = PerThousandCharacters(cents * MICRO)
    return Model(NAME, name, Kind.VOICE, price, _TERMS, prompt_max, takes_seed=True, needs_voice=True)


SOUND = "eleven_text_to_sound_v2"
MODELS = (
    _voice("eleven_multilingual_v2", 10, 10_000),
    _voice("eleven_flash_v2_5", 5, 40_000),
    _voice("eleven_v3", 10, 5_000),
    Model(NAME, SOUND, Kind.SOUND, PerSecond({0: 400_000}), _TERMS, prompt_max=450, durations_s=tuple(range(1, 23))),
)


class ElevenLabs(Immediate):
    """Implements `RemoteProvider`."""

    name = NAME

    def spelled(self, intent: Intent) -> Call:
        fit, want = intent.fit, intent.want
        params = {"output_format": FORMAT}
        if fit.model.kind is Kind.SOUND:
            sound = {"text": want.prompt, "model_id": fit.model.name, "duration_seconds": fit.duration_s}
            return Call("POST", "/v1/sound-generation", params, json=sound, timeout_s=TIMEOUT_S)
        assert want.voice is not None
        body: dict[str, Any] = {"text": want.prompt, "model_id": fit.model.name}
        if fit.seed is not None:
            body["seed"] = fit.seed % 2**32
        path = f"/v1/text-to-speech/{in_path(want.voice)}/with-timestamps"
        return Call("POST", path, params, json=body, timeout_s=TIMEOUT_S)

    def accepted(self, intent: Intent, answer: Answer) -> Accepted | None:
        most = intent.fit.most_microcredits
        task = task_of({"id": answer.headers.get("request-id", str(intent.id))}, "id") or str(intent.id)
        if intent.fit.model.kind is Kind.SOUND:
            sound, facts = answer.body or None, {}
        else:
            sound = decoded(said_at(answer.json, "audio_base64"))
            facts = {"alignment": at(answer.json, "alignment")}
        if sound is None:
            return None
        return Accepted(task, most, Succeeded((Inline(sound, "audio/mpeg"),), _cost(answer, most), facts))


def _cost(answer: Answer, most: int) -> int:
    """By the header, where there is one; the price is by the character otherwise, so it is the most."""
    said = answer.headers.get("character-cost", "")
    return int(said) * CHARACTER_MICROCREDITS if said.isdecimal() else most
