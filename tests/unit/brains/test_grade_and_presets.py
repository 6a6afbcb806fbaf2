"""ASC CDL by its formula, and the presets as data."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.brains.errors import BadColourDecision, UnknownBrain
from services.brains.model import LUMA, Brain, Cdl, Size, Triple, rgb, shares
from services.brains.presets import BRAINS, PLAIN, VERSIONS, brain
from services.brains.stored import digest, from_json, to_json
from services.generation.providers.animatic import grade

share = st.floats(0, 1, width=32)
colours = st.tuples(share, share, share)
cdls = st.builds(
    Cdl,
    st.tuples(*[st.floats(0, 2)] * 3),
    st.tuples(*[st.floats(-0.2, 0.2)] * 3),
    st.tuples(*[st.floats(0.3, 3)] * 3),
    st.floats(0, 2),
)


def test_a_neutral_decision_changes_nothing() -> None:
    assert Cdl().apply((0.1, 0.5, 0.9)) == pytest.approx((0.1, 0.5, 0.9))


def test_the_formula_by_hand() -> None:
    cdl = Cdl((1.2, 1.0, 0.5), (0.1, -0.2, 0.0), (2.0, 1.0, 0.5), 0.5)
    primary = ((0.5 * 1.2 + 0.1) ** 2, 0.5 - 0.2, math.sqrt(0.25))
    luma = 0.2126 * primary[0] + 0.7152 * primary[1] + 0.0722 * primary[2]
    assert cdl.apply((0.5, 0.5, 0.5)) == pytest.approx([luma + 0.5 * (value - luma) for value in primary])


def test_values_are_clamped_before_the_power() -> None:
    assert Cdl(offset=(-0.5, 0.9, 0.0), power=(0.5, 3.0, 1.0)).apply((0.2, 0.9, 0.3)) == pytest.approx((0, 1, 0.3))


@given(colours, cdls)
def test_the_fast_path_is_the_formula(colour: Triple, cdl: Cdl) -> None:
    fast = grade.graded(np.array([[colour]], np.float32), cdl)[0, 0]
    assert fast == pytest.approx(cdl.apply(colour), abs=2e-4)


@settings(max_examples=5, deadline=None)
@given(cdls)
def test_the_cube_holds_the_formula_with_red_fastest(cdl: Cdl) -> None:
    lines = [line for line in grade.cube(cdl, "x").splitlines() if line[0].isdigit()]
    assert len(lines) == grade.CUBE_POINTS**3
    steps = grade.CUBE_POINTS - 1
    for red, green, blue in ((0, 0, 0), (steps, 0, 0), (3, 17, 29), (steps, steps, steps)):
        row = lines[red + grade.CUBE_POINTS * (green + grade.CUBE_POINTS * blue)]
        wanted = cdl.apply((red / steps, green / steps, blue / steps))
        assert [float(value) for value in row.split()] == pytest.approx(wanted, abs=2e-4)


def test_strength_goes_from_nothing_to_all() -> None:
    cdl = BRAINS["horror"].cdl
    assert cdl.at(0.0) == Cdl()
    assert cdl.at(1.0).apply((0.3, 0.4, 0.5)) == pytest.approx(cdl.apply((0.3, 0.4, 0.5)))
    assert Cdl().saturation > cdl.at(0.5).saturation > cdl.saturation


@pytest.mark.parametrize(
    ("slope", "power", "saturation"), [(-0.1, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, -1.0), (math.nan, 1.0, 1.0)]
)
def test_impossible_decisions_are_refused(slope: float, power: float, saturation: float) -> None:
    with pytest.raises(BadColourDecision):
        Cdl((slope, 1, 1), (0, 0, 0), (power, 1, 1), saturation)


@pytest.mark.parametrize("name", list(BRAINS))
def test_presets_are_whole(name: str) -> None:
    preset = BRAINS[name]
    assert brain(name) is preset and brain(name, preset.version) is preset
    for mixture in (preset.sizes, preset.angles, preset.moves, preset.setups, preset.transitions):
        assert sum(mixture.values()) == pytest.approx(1.0)
    assert preset.lens.min_mm < preset.lens.typical_mm < preset.lens.max_mm
    assert all(0 <= channel <= 1 for colour in preset.palette for channel in rgb(colour))


def test_a_version_of_a_preset_never_changes() -> None:
    """A look that has to change gets a new version beside the old one, and a new line here."""
    assert {(id, version, digest(known)[:12]) for (id, version), known in VERSIONS.items()} == {
        ("thriller", 1, "9f7a52e93ae7"),
        ("k_drama", 1, "37be4567135f"),
        ("animated_feature", 1, "23a2f06624f5"),
        ("large_format_epic", 1, "c9f7f0688d70"),
        ("horror", 1, "a5013a5c1750"),
    }


@pytest.mark.parametrize("known", [*BRAINS.values(), PLAIN], ids=lambda known: known.id)
def test_a_brain_survives_json(known: Brain) -> None:
    assert from_json(json.loads(json.dumps(to_json(known)))) == known


def test_unknown_brains_and_versions_are_named() -> None:
    for name, version in (("pixar", None), ("thriller", 99)):
        with pytest.raises(UnknownBrain):
            brain(name, version)


def test_shares_cover_every_size() -> None:
    mixture = shares(40, 35, 25)
    assert set(mixture) == set(Size) and sum(mixture.values()) == pytest.approx(1.0)
    assert mixture[Size.ECU] + mixture[Size.CU] + mixture[Size.MCU] == pytest.approx(0.40)
    assert sum(LUMA) == pytest.approx(1.0)
