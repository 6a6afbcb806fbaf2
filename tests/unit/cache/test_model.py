"""Keys, partitions, shadows, and when the next scene may be prepared."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from services.cache.ahead import Hindrance, Idle, hindrance
from services.cache.model import Asked, Mode, Policy, Terms, false_hits, is_shadowed

TERMS = Terms(
    tenant=UUID(int=1),
    project=UUID(int=2),
    stage="clip",
    model="kling/3.0",
    parameters={"ratio": "16:9", "seconds": 5, "variation": 0},
    brain="thriller/1",
    beat="opening/2",
    continuity="c0ffee",
    safety="standard/4",
)
ASKED = Asked(TERMS, "A red kite.", {"frame": "f00d"})
ENCODER = "encoder/1"

OTHERS: list[Callable[[Terms], Terms]] = [
    lambda terms: replace(terms, tenant=uuid4()),
    lambda terms: replace(terms, project=uuid4()),
    lambda terms: replace(terms, stage="frame"),
    lambda terms: replace(terms, model="kling/3.1"),
    lambda terms: replace(terms, parameters={**terms.parameters, "seconds": 6}),
    lambda terms: replace(terms, parameters={**terms.parameters, "variation": 1}),
    lambda terms: replace(terms, brain="thriller/2"),
    lambda terms: replace(terms, beat="opening/3"),
    lambda terms: replace(terms, continuity="decaf"),
    lambda terms: replace(terms, safety="standard/5"),
    lambda terms: replace(terms, language="de"),
]


@pytest.mark.parametrize("other", OTHERS)
def test_p13_nothing_that_must_be_equal_is_left_out_of_the_key_or_the_partition(
    other: Callable[[Terms], Terms],
) -> None:
    changed = replace(ASKED, terms=other(TERMS))
    assert changed.key != ASKED.key
    assert changed.partition(ENCODER) != ASKED.partition(ENCODER)


def test_every_term_is_covered_by_the_test_above() -> None:
    changed = {
        name for other in OTHERS for name in Terms.__slots__ if getattr(other(TERMS), name) != getattr(TERMS, name)
    }
    assert changed == set(Terms.__slots__)


def test_words_are_of_the_key_and_not_of_the_partition() -> None:
    other = replace(ASKED, prompt="A kite that is red.")
    assert other.key != ASKED.key
    assert other.partition(ENCODER) == ASKED.partition(ENCODER)


def test_what_a_request_reads_is_of_both() -> None:
    other = replace(ASKED, inputs={"frame": "beef"})
    assert other.key != ASKED.key
    assert other.partition(ENCODER) != ASKED.partition(ENCODER)


def test_vectors_of_two_encoders_are_never_compared_and_are_no_part_of_the_key() -> None:
    assert ASKED.partition("encoder/2") != ASKED.partition(ENCODER)


def test_the_order_in_which_parameters_were_written_is_nothing() -> None:
    turned = replace(TERMS, parameters=dict(reversed(list(TERMS.parameters.items()))))
    assert replace(ASKED, terms=turned).key == ASKED.key


def test_about_the_wanted_share_is_shadowed_and_always_the_same() -> None:
    ids = [UUID(int=number) for number in range(20_000)]
    shadowed = [id for id in ids if is_shadowed(id, 0.01)]
    assert 140 < len(shadowed) < 260
    assert shadowed == [id for id in ids if is_shadowed(id, 0.01)]
    assert not any(is_shadowed(id, 0.0) for id in ids) and all(is_shadowed(id, 1.0) for id in ids[:50])


def test_what_was_never_compared_is_not_said_to_be_right() -> None:
    assert false_hits(0, 0).at_most == 1.0
    clean = false_hits(100, 0)
    assert clean.share == 0.0 and 0.03 < clean.at_most < 0.04
    bad = false_hits(90, 10)
    assert bad.share == 0.1 and 0.1 < bad.at_most < 0.18


AGREED = Policy(Mode.SUGGEST, prepares_ahead=True)
IDLE = Idle(free_microcredits=10_000, most_microcredits=1_000, waiting=0, places=4, free_places=4)


@pytest.mark.parametrize(
    ("policy", "idle", "expected"),
    [
        (AGREED, IDLE, None),
        (Policy(), IDLE, Hindrance.NOT_AGREED),
        (Policy(Mode.OFF, prepares_ahead=True), IDLE, Hindrance.OFF),
        (AGREED, replace(IDLE, waiting=1), Hindrance.WORK_WAITS),
        (AGREED, replace(IDLE, free_places=1), Hindrance.BUSY),
        (AGREED, replace(IDLE, places=0, free_places=0), Hindrance.BUSY),
        (AGREED, replace(IDLE, most_microcredits=5_000), None),
        (AGREED, replace(IDLE, most_microcredits=5_001), Hindrance.TOO_DEAR),
        (AGREED, replace(IDLE, free_microcredits=0), Hindrance.TOO_DEAR),
        (AGREED, replace(IDLE, ahead=1), Hindrance.ENOUGH),
    ],
)
def test_only_what_lies_idle_is_used_for_what_nobody_asked_for(
    policy: Policy, idle: Idle, expected: Hindrance | None
) -> None:
    assert hindrance(policy, idle) is expected
