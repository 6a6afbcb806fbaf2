"""A part of a picture drawn anew: another picture inside the mask, the same outside, wherever the camera was."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from services.brains.model import Move
from services.brains.presets import BRAINS
from services.generation.providers.animatic import enhance, film, panel
from services.generation.providers.animatic.moves import View
from services.generation.providers.animatic.program import Job, Studio, picture_height
from services.generation.providers.animatic.repaint import mask
from services.generation.providers.interface import Plan
from services.generation.request import Part, Picture, Slug, Stroke

from .make import request

DOT = (Stroke(0.05, ((0.25, 0.5),)),)
ASKED = request(prompt="An empty harbour.", slug=Slug("EXT", "HARBOUR", "DAY"), frames=24, picture=Picture(320, 180))
PLATE, RASTER = (410, 230), (320, 180)


def middle(drawn: Image.Image) -> tuple[float, float]:
    """Of what is white."""
    rows, columns = np.nonzero(np.asarray(drawn) > 200)
    return float(columns.mean()), float(rows.mean())


def test_a_mask_lies_behind_what_was_seen_there() -> None:
    still = middle(mask(DOT, View(0, 0, 1), PLATE, RASTER, 180))
    assert still == pytest.approx((205 - 80, 115), abs=1)
    panned = middle(mask(DOT, View(0.05, 0, 1), PLATE, RASTER, 180))
    assert panned == pytest.approx((still[0] + 16, still[1]), abs=1)
    closer = middle(mask(DOT, View(0, 0, 2), PLATE, RASTER, 180))
    assert closer == pytest.approx((205 - 40, 115), abs=1)
    turned = middle(mask(DOT, View(0, 0, 1, 90), PLATE, RASTER, 180))
    assert turned == pytest.approx((205, 115 - 80), abs=1)


def test_bars_above_and_below_are_no_part_of_the_plate() -> None:
    top = (Stroke(0.05, ((0.5, 0.25),)),)
    _, row = middle(mask(top, View(0, 0, 1), PLATE, RASTER, 140))
    assert row == pytest.approx(115 - 45, abs=1)


@pytest.mark.parametrize("move", [Move.STATIC, Move.PAN])
def test_the_picture_changes_inside_the_mask_and_nowhere_else(
    move: Move, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plan = enhance.plan(ASKED, BRAINS["thriller"])
    plan = replace(plan, shots=(replace(plan.shots[0], move=move),))
    Studio(Job(ASKED, plan)).draw()
    part = Part(0, 2, "A forest at night in the rain", (Stroke(0.08, ((0.2, 0.4), (0.2, 0.6))),))
    Studio(Job(replace(ASKED, part=part), plan, (("plate-0.jpg", "figures-0.png"),))).repaint()

    before, after = (seen(plan, names) for names in (("plate-0.jpg", "figures-0.png"), ("plate.jpg", "figures.png")))
    change = np.abs(before - after).max(axis=2)
    assert np.median(change[80:100, 54:74]) > 25, "there is another picture"
    assert np.percentile(change[:, 120:], 99) <= 6, "but for what JPEG does"


def seen(plan: Plan, names: tuple[str, str]) -> NDArray[np.int16]:
    """The frame on which the mask was painted."""
    shot, (back, front) = plan.shots[0], (Image.open(name) for name in names)
    reel = film.Reel(shot, panel.Plates(back.convert("RGB"), front.convert("RGBA")), (), "", 1 if shot.seed % 2 else -1)
    height = picture_height(ASKED, BRAINS["thriller"])
    framed = Image.new("RGB", RASTER)
    framed.paste(film.still(reel, 2, RASTER[0], height), (0, (RASTER[1] - height) // 2))
    return np.asarray(framed, np.int16)
