"""What a team's own look may be, field by field."""

from dataclasses import replace
from typing import Any

import pytest

from services.brains.checks import checked
from services.brains.errors import BrainUnfit
from services.brains.model import Angle, Lens, Move, Pacing, Setup, Size
from services.brains.presets import BRAINS, PLAIN

WRONG: dict[str, dict[str, Any]] = {
    "name": {"name": "  "},
    "palette": {"palette": ("GGGGGG", "000000", "000000", "000000", "000000")},
    "lens": {"lens": Lens(50, 40, 85)},
    "aspect": {"aspect": float("nan")},
    "sizes": {"sizes": {Size.CU: 0.5, Size.LS: 0.4}},
    "angles": {"angles": {Angle.EYE: 1.5, Angle.LOW: -0.5}},
    "moves": {"moves": {Move.HANDHELD: 1.0}, "never": ("handheld",)},
    "setups": {"setups": {Setup.MASTER: 1.0}},
    "transitions": {"transitions": {"star wipe": 1.0}},
    "light.key_ratio": {"light": replace(PLAIN.light, key_ratio=100.0)},
    "light.key_k": {"light": replace(PLAIN.light, key_k=100)},
    "light": {"light": replace(PLAIN.light, haze=1.1)},
    "pacing.average_shot_s": {"pacing": Pacing(0.1, (1, 1, 1, 1), 0, 0)},
    "pacing.quarters": {"pacing": Pacing(4.0, (1, 1, 1, 9), 0, 0)},
    "tone": {"tone": replace(PLAIN.tone, dread=-0.1)},
    "cdl.slope": {"cdl": replace(PLAIN.cdl, slope=(5.0, 1.0, 1.0))},
    "cdl.offset": {"cdl": replace(PLAIN.cdl, offset=(0.0, -2.0, 0.0))},
    "cdl.power": {"cdl": replace(PLAIN.cdl, power=(1.0, 1.0, 5.0))},
    "cdl.saturation": {"cdl": replace(PLAIN.cdl, saturation=5.0)},
    "prompt_words": {"prompt_words": ("x",) * 17},
    "avoid_words": {"avoid_words": ("x" * 81,)},
    "never": {"never": ("hover",)},
}


@pytest.mark.parametrize("field", WRONG)
def test_a_field_that_cannot_be_is_named(field: str) -> None:
    with pytest.raises(BrainUnfit) as refused:
        checked(replace(PLAIN, **WRONG[field]))
    assert refused.value.field == field


@pytest.mark.parametrize("name", list(BRAINS))
def test_the_presets_pass_as_they_are(name: str) -> None:
    fit = checked(BRAINS[name])
    for mixture in ("sizes", "angles", "moves", "setups", "transitions"):
        assert getattr(fit, mixture) == pytest.approx(dict(getattr(BRAINS[name], mixture)))
        fit = replace(fit, **{mixture: getattr(BRAINS[name], mixture)})
    assert fit == BRAINS[name]


def test_what_is_nearly_right_is_put_right() -> None:
    fit = checked(
        replace(
            PLAIN,
            name=" House ",
            palette=("#aabbcc", "000000", "111111", "222222", "333333"),
            sizes={Size.CU: 0.33, Size.MS: 0.33, Size.LS: 0.33},
        )
    )
    assert (fit.name, fit.palette[0]) == ("House", "AABBCC")
    assert fit.sizes[Size.CU] == pytest.approx(1 / 3)
