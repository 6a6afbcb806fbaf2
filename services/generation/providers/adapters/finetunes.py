"""A studio's own models, hosted by somebody: what they take and cost, as their maker wrote it into a file.

Which inputs a fine-tune knows, and by which names, only its maker can say; `inputs` maps ours to theirs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from services.generation.providers.adapters.base import data_uri, of_role
from services.generation.providers.capabilities import Kind, Model, Role, Shape, Terms
from services.generation.providers.errors import ProviderSettingsError
from services.generation.providers.port import Intent
from services.generation.providers.prices import Flat, PerSecond
from services.projects.settings import Safety

INPUTS = frozenset({"prompt", "seed", "width", "height", "duration_s", "audio", *(role.value for role in Role)})
FILE_BYTES_MAX = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FineTune:
    """`path`: an app of fal (`owner/app`), or a version at Replicate. `sizes`: `1280x720`. `microcredits`: the most.

    `inputs`: our names (`INPUTS`) to theirs; `fixed`: what is always sent besides. `region`: where it computes;
    `safety_max`: the loosest setting of a project that it may be asked for.
    """

    provider: Literal["fal", "replicate"]
    name: str
    path: str
    kind: Kind
    microcredits: int
    inputs: Mapping[str, str]
    is_per_second: bool = False
    prompt_max: int = 2_000
    sizes: tuple[str, ...] = ()
    durations_s: tuple[int, ...] = ()
    takes_seed: bool = False
    silent: bool = True
    sounding: bool = False
    references: Mapping[Role, int] = field(default_factory=dict)
    required: frozenset[Role] = frozenset()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    region: str | None = None
    safety_max: Safety = Safety.STANDARD

    def model(self, terms: Terms) -> Model:
        """As the registry knows it."""
        sizes = [tuple(map(int, size.split("x"))) for size in self.sizes]
        return Model(
            self.provider,
            self.name,
            self.kind,
            PerSecond({0: self.microcredits}) if self.is_per_second else Flat(self.microcredits),
            terms,
            self.prompt_max,
            shapes=tuple(Shape(width, height, f"{width}x{height}") for width, height in sizes),
            durations_s=self.durations_s,
            takes_seed=self.takes_seed,
            silent=self.silent,
            sounding=self.sounding,
            references=self.references,
            required=self.required,
            region=self.region,
            safety_max=self.safety_max,
        )

    def input_of(self, intent: Intent) -> dict[str, Any]:
        """What is sent: only what its maker has named."""
        fit, want = intent.fit, intent.want
        known: dict[str, Any] = {"prompt": want.prompt, "seed": fit.seed, "duration_s": fit.duration_s}
        known["audio"] = fit.audio
        if fit.shape is not None:
            known |= {"width": fit.shape.width, "height": fit.shape.height}
        for role in Role:
            pictures = [data_uri(one) for one in of_role(want.references, role)]
            known[role.value] = None if not pictures else pictures if self.references.get(role, 0) > 1 else pictures[0]
        named = {theirs: known[ours] for ours, theirs in self.inputs.items() if known.get(ours) is not None}
        return {**self.fixed, **want.options, **named}


def read_finetunes(path: Path) -> tuple[FineTune, ...]:
    """Raises `ProviderSettingsError`."""
    try:
        with path.open("rb") as file:
            found = TypeAdapter(list[FineTune]).validate_python(json.loads(file.read(FILE_BYTES_MAX)))
    except (OSError, ValueError, ValidationError) as error:
        raise ProviderSettingsError(f"{path} does not describe fine-tunes: {_sentence(error)}") from error
    _check(path, found)
    return tuple(found)


def _check(path: Path, found: Sequence[FineTune]) -> None:
    names = [(one.provider, one.name) for one in found]
    for one in found:
        if names.count((one.provider, one.name)) > 1:
            raise ProviderSettingsError(f"{path} names {one.name} twice")
        if "prompt" not in one.inputs or not INPUTS.issuperset(one.inputs):
            raise ProviderSettingsError(f"{path}: the inputs of {one.name} are prompt and some of {sorted(INPUTS)}")
        if one.microcredits < 0 or list(one.durations_s) != sorted(set(one.durations_s)):
            raise ProviderSettingsError(f"{path}: {one.name} has a price below zero, or durations out of order")
        for size in one.sizes:
            width, _, height = size.partition("x")
            if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
                raise ProviderSettingsError(f"{path}: a size of {one.name} is not like 1280x720")


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
