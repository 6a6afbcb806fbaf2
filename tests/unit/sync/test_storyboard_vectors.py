"""What is shared with TypeScript is still what Python does."""

import pytest

from tests.vectors.make_storyboard_vectors import FILES
from tests.vectors.make_timeline_vectors import VECTORS, written


@pytest.mark.parametrize("name", FILES)
def test_the_vectors_are_what_python_does(name: str) -> None:
    made = written(FILES[name]())
    assert made == (VECTORS / name).read_text(), "python -m tests.vectors.make_storyboard_vectors writes them anew"
