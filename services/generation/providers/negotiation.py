"""Whether what is wanted fits a model, and what would differ. Pure.

What can be bent is bent and shown: a ratio close by, the next longer duration, the nearest size, a seed that is not
taken. What cannot, or what `must` names, is a refusal by name, with what was asked and what there is.
"""

import math
from collections.abc import Iterator

from services.generation.providers.capabilities import (
    Difference,
    Field,
    Fit,
    Model,
    PromptUnit,
    Role,
    Shape,
    Standing,
    Unfit,
    Want,
)
from services.generation.providers.prices import Charged

RATIO_BEND_MAX = 0.12
"""How far a picture's ratio may be from the wanted one, as a natural logarithm: 16:9 may become 16:10, never 4:3."""


def negotiate(model: Model, want: Want) -> Fit | Unfit:
    """What the model makes of it, with every difference; or every reason why it cannot."""
    refusals = [*_impossible(model, want)]
    if refusals:
        return Unfit(model, tuple(refusals))
    shape, duration_s = _shape(model, want), _duration(model, want)
    seed = want.seed if model.takes_seed else None
    audio = model.sounding and (want.audio or not model.silent)
    differences = tuple(_differences(want, shape, duration_s, seed, audio))
    refusals = [one for one in differences if one.field in want.must]
    if refusals:
        return Unfit(model, tuple(refusals))
    charged = Charged(
        side=min(shape.width, shape.height) if shape else 0,
        duration_s=duration_s or 0,
        audio=audio,
        characters=len(want.prompt),
        input_bytes=len((want.instructions + want.prompt).encode()),
        answer_tokens=want.answer_tokens_max,
    )
    return Fit(model, shape, duration_s, seed, audio, model.price.most(charged), differences)


def prompt_length(prompt: str, unit: PromptUnit) -> int:
    """As the provider counts."""
    match unit:
        case PromptUnit.CHARACTERS:
            return len(prompt)
        case PromptUnit.UTF16:
            return len(prompt.encode("utf-16-le")) // 2
        case PromptUnit.BYTES:
            return len(prompt.encode())


def _impossible(model: Model, want: Want) -> Iterator[Difference]:
    """What no bending helps against."""
    if want.kind is not model.kind:
        yield Difference(Field.KIND, want.kind.value, model.kind.value)
    if model.standing is Standing.RETIRED:
        yield Difference(Field.STANDING, "a model that is to be had", f"retired since {model.since}")
    length = prompt_length(want.prompt, model.prompt_unit)
    if not 1 <= length <= model.prompt_max:
        unit = model.prompt_unit.value
        yield Difference(Field.PROMPT, f"{length} {unit}", f"1 to {model.prompt_max} {unit}")
    if model.shapes and _shape(model, want) is None:
        offered = ", ".join(shape.spelled for shape in model.shapes)
        yield Difference(Field.RATIO, f"{want.width}x{want.height}", offered)
    if model.durations_s and want.duration_s is not None and want.duration_s > model.durations_s[-1]:
        yield Difference(Field.DURATION, f"{want.duration_s:g} s", f"at most {model.durations_s[-1]} s")
    if want.audio and not model.sounding:
        yield Difference(Field.AUDIO, "with sound", "silent")
    if model.needs_voice and want.voice is None:
        yield Difference(Field.VOICE, "no voice named", "one of the provider's voices")
    for role in Role:
        yield from _of_references(model, want, role)
    largest = max((len(reference.data) for reference in want.references), default=0)
    if model.reference_bytes_max is not None and largest > model.reference_bytes_max:
        yield Difference(Field.REFERENCES, f"{largest} bytes", f"at most {model.reference_bytes_max} bytes")


def _of_references(model: Model, want: Want, role: Role) -> Iterator[Difference]:
    count = sum(reference.role is role for reference in want.references)
    most = model.references.get(role, 0)
    least = 1 if role in model.required else 0
    if not least <= count <= most:
        offered = f"{most}" if least == most else f"{least} to {most}"
        yield Difference(Field.REFERENCES, f"{count} as {role.value}", offered)


def _shape(model: Model, want: Want) -> Shape | None:
    """The nearest ratio, of those the smallest that is large enough, else the largest; the first if none is asked."""
    if want.width is None or want.height is None:
        return model.shapes[0] if model.shapes else None
    ratio, side = math.log(want.width / want.height), min(want.width, want.height)
    near = [(abs(math.log(one.width / one.height) - ratio), one) for one in model.shapes]
    best = min((bend for bend, _ in near), default=math.inf)
    if best > RATIO_BEND_MAX:
        return None
    alike = sorted((one for bend, one in near if bend <= best + 1e-9), key=lambda one: min(one.width, one.height))
    return next((one for one in alike if min(one.width, one.height) >= side), alike[-1])


def _duration(model: Model, want: Want) -> int | None:
    """The shortest that is long enough; the model's shortest if none is asked."""
    if not model.durations_s:
        return None
    return next(length for length in model.durations_s if length >= (want.duration_s or 0))


def _differences(
    want: Want, shape: Shape | None, duration_s: int | None, seed: int | None, audio: bool
) -> Iterator[Difference]:
    if shape is not None and want.width is not None and want.height is not None:
        asked, offered = f"{want.width}x{want.height}", f"{shape.width}x{shape.height}"
        if shape.width * want.height != shape.height * want.width:
            yield Difference(Field.RATIO, asked, offered)
        if min(shape.width, shape.height) != min(want.width, want.height):
            yield Difference(Field.SIZE, asked, offered)
    if duration_s is not None and want.duration_s is not None and duration_s != want.duration_s:
        yield Difference(Field.DURATION, f"{want.duration_s:g} s", f"{duration_s} s")
    if want.seed is not None and seed is None:
        yield Difference(Field.SEED, str(want.seed), "another picture each time")
    if audio and not want.audio:
        yield Difference(Field.AUDIO, "silent", "with sound")
