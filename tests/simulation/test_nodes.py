"""Two nodes, three clients, a worker, and everything that may go wrong between them, from a seed.

A few seeds; `./dev sim --seeds 10000` runs many. What a seed has found stays here under its name.
"""

import pytest

from tests.simulation.schedule import FAULTS, run


@pytest.mark.parametrize("seed", range(60))
def test_nothing_acknowledged_is_lost_and_all_replicas_are_equal(seed: int) -> None:
    run(seed)


def test_the_seeds_meet_every_kind_of_trouble() -> None:
    met: set[str] = set()
    for seed in range(120):
        met |= set(run(seed).counts)
        if met >= FAULTS:
            return
    assert FAULTS <= met


FOUND = {
    32: "a client that had left one node with clock n was not seen through another with clock n + 1",
    81: "edits of three people rest on each other, one of whom has no presence and is on another node",
    152: "an edit was relayed to somebody who had not been told its base, and the hub died in between",
    403: "a deletion was relayed to somebody who had not been told its base, and the hub died in between",
    1401: "late bytes of a dead socket took the client id back from the new one",
    1510: "edits of three people rest on each other, one of whom has no presence",
}
"""What seeds have found, each repaired since."""


@pytest.mark.parametrize("seed", FOUND, ids=[f"seed {seed}: {what}" for seed, what in FOUND.items()])
def test_what_was_found_stays_repaired(seed: int) -> None:
    run(seed)
