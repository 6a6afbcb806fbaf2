"""ASC CDL by values of another implementation, and .cube files of all kinds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.brains.errors import BadLut
from services.brains.lut import POINTS_MAX, Lut, read_cube, write_cube
from services.brains.model import Cdl, Triple
from services.brains.presets import BRAINS
from services.generation.providers.animatic import grade

# Colours and results from the unit tests of OpenColorIO (BSD-3-Clause), whose authors had them from an independent
# implementation of ASC CDL 1.2, to 6 digits.
FIRST = Cdl((1.35, 1.1, 0.071), (0.05, -0.23, 0.11), (0.93, 0.81, 1.27), 1.23)
SECOND = Cdl((1.15, 1.10, 0.9), (0.05, 0.02, 0.07), (1.2, 0.95, 1.13), 0.87)
THIRD = Cdl((3.405, 1.0, 1.0), (-0.178, -0.178, -0.178), (1.095, 1.095, 1.095), 0.99)
REFERENCE: list[tuple[Cdl, Triple, Triple]] = [
    (FIRST, (0.0, 0.0, 0.0), (0.071827, 0.0, 0.070533)),
    (FIRST, (0.3278, 0.01, 1.0), (0.609399, 0.0, 0.113130)),
    (FIRST, (0.25, 0.5, 0.75), (0.422056, 0.401466, 0.035820)),
    (FIRST, (1.25, 1.5, 1.75), (1.0, 1.0, 0.0)),
    (FIRST, (-0.2, 0.5, 1.4), (0.0, 0.421096, 0.101225)),
    (FIRST, (-0.25, -0.5, -0.75), (0.0, 0.0, 0.031735)),
    (FIRST, (0.0, 0.8, 0.99), (0.0, 0.746748, 0.018691)),
    (SECOND, (0.0, 0.0, 0.0), (0.027379, 0.024645, 0.046585)),
    (SECOND, (0.65, 0.55, 0.20), (0.745644, 0.639197, 0.264149)),
    (SECOND, (0.41, 0.81, 0.39), (0.499594, 0.897554, 0.428591)),
    (SECOND, (0.25, 0.50, 0.75), (0.305035, 0.578779, 0.692558)),
    (THIRD, (0.17, 0.13, 0.0), (0.364613, 0.000781, 0.000781)),
    (THIRD, (0.65, 0.23, 0.0), (0.992407, 0.041281, 0.0024068)),
    (THIRD, (0.97, 0.13, 0.23), (0.992154, 0.002154, 0.0410283)),
]


@pytest.mark.parametrize(("cdl", "colour", "graded"), REFERENCE)
def test_colours_are_graded_as_elsewhere(cdl: Cdl, colour: Triple, graded: Triple) -> None:
    assert cdl.apply(colour) == pytest.approx(graded, abs=2e-6)
    assert grade.graded(np.asarray([colour], np.float32), cdl)[0] == pytest.approx(graded, abs=1e-5)


@pytest.mark.parametrize("name", list(BRAINS))
def test_the_table_of_a_brain_is_a_table_that_we_take(name: str) -> None:
    read = read_cube(grade.cube(BRAINS[name].cdl, BRAINS[name].name))
    assert (read.title, read.points) == (BRAINS[name].name, grade.CUBE_POINTS)
    assert read_cube(write_cube(read)) == read


@given(st.text(max_size=60), st.lists(st.floats(0, 1), min_size=24, max_size=24))
def test_what_is_written_is_read_again(title: str, values: list[float]) -> None:
    rows = tuple((values[at], values[at + 1], values[at + 2]) for at in range(0, 24, 3))
    read = read_cube(write_cube(Lut(title, 2, rows)))
    assert read.rows == tuple(tuple(round(value, 6) for value in row) for row in rows)


ROWS = "0 0 0\n" * 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "0 colours"),
        (ROWS, "line 1: there are more"),
        ("LUT_3D_SIZE 2\n" + ROWS + "1 1 1\n", "line 10: there are more"),
        ("LUT_3D_SIZE 2\n0 0 0\n", "1 colours"),
        (f"LUT_3D_SIZE {POINTS_MAX + 1}\n", "line 1"),
        ("LUT_3D_SIZE 99999999999999999999\n", "line 1"),
        ("LUT_3D_SIZE x\n", "line 1"),
        ("LUT_1D_SIZE 4\n", "LUT_1D_SIZE is not understood"),
        ("LUT_3D_SIZE 2\nDOMAIN_MAX 4 4 4\n" + ROWS, "line 2: only colours"),
        ("LUT_3D_SIZE 2\n0 0\n", "line 2: three numbers"),
        ("LUT_3D_SIZE 2\n0 0 1e400\n", "line 2: a number"),
        ("LUT_3D_SIZE 2\n0 0 -nan\n", "line 2"),
        ("include /etc/passwd\n", "include is not understood"),
    ],
)
def test_tables_that_are_none_are_refused_with_the_line(text: str, said: str) -> None:
    with pytest.raises(BadLut, match=said):
        read_cube(text)


@given(st.text(max_size=300))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    try:
        read_cube(text)
    except BadLut:
        pass
