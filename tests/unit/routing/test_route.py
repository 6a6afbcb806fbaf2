"""The router's decision: one table row a reason, and what holds whatever the candidates and the facts are."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generation.providers.capabilities import Difference, Field, Fit, Standing
from services.generation.providers.prices import MICRO
from services.generation.routing.model import (
    Ask,
    Candidate,
    Facts,
    Health,
    Load,
    ModelId,
    Policy,
    Purpose,
    Record,
    Speed,
)
from services.generation.routing.rank import lot
from services.generation.routing.reasons import Reason, Stage
from services.generation.routing.route import route
from services.generation.routing.weights import EXPLORED_SHARE_MAX, VERSIONS
from services.projects.settings import Safety
from tests.unit.routing.make import ASKS, CANDIDATES, FACTS, IDS, NAMES, ask, budget_of, candidate

RUNWAY, KLING = ModelId("runway", "one"), ModelId("kling", "one")
GOOD = candidate("kling", price=10)

FALLS = [
    (
        candidate("runway", cannot=[Difference(Field.DURATION, "7 s", "5 or 10 s")]),
        ask(),
        Facts(),
        Reason.UNFIT,
        "Runway one cannot make this (duration: 7 s asked, 5 or 10 s possible).",
    ),
    (
        candidate(
            "runway", standing=Standing.RETIRED, since=date(2026, 9, 24), cannot=[Difference(Field.STANDING, "", "")]
        ),
        ask(),
        Facts(),
        Reason.RETIRED,
        "Runway one was shut down by its provider on 24 September 2026.",
    ),
    (candidate("runway"), ask(tried={RUNWAY}), Facts(), Reason.TRIED, "Runway one has failed at this already."),
    (
        candidate("runway"),
        ask(),
        Facts(Policy(deny=frozenset({"runway"}))),
        Reason.DENIED,
        "The owner of this project has ruled Runway one out.",
    ),
    (
        candidate("runway"),
        ask(),
        Facts(Policy(allow=frozenset({"kling/one"}))),
        Reason.NOT_ALLOWED,
        "Runway one is not among the models that the owner of this project allows.",
    ),
    (
        candidate("runway"),
        ask(pinned=KLING),
        Facts(),
        Reason.NOT_PINNED,
        "You chose one, so Runway one was not asked.",
    ),
    (
        candidate("runway"),
        ask(),
        Facts(Policy().narrowed(["kling"])),
        Reason.NOT_NAMED,
        "Runway one is not among the models that you named.",
    ),
    (
        candidate("runway", region="us"),
        ask(),
        Facts(Policy(regions=frozenset({"eu"}))),
        Reason.REGION,
        "Runway one computes in us; this project's material stays in eu.",
    ),
    (
        candidate("runway"),
        ask(safety=Safety.MATURE),
        Facts(),
        Reason.SAFETY,
        "Runway one takes projects up to “standard”; this one is “mature”. Make a draft, which stays here, or let the"
        " project's owner set it to “standard”.",
    ),
    (
        candidate("runway", price=60),
        ask(price_max_microcredits=48 * MICRO),
        Facts(),
        Reason.OVER_CAP,
        "Runway one may cost 72 credits, 14.4 credits over the limit of 57.6 credits.",
    ),
    (
        candidate("runway", price=60),
        ask(),
        Facts(budget=budget_of(12_300_000)),
        Reason.BUDGET_SHORT,
        "Runway one may cost 72 credits; 12.3 credits are left of this month's budget.",
    ),
    (
        candidate("runway"),
        ask(),
        Facts(health={RUNWAY: Health("credit", 840)}),
        Reason.OPEN,
        "Runway one is left alone for 14 min because our account there has no credit.",
    ),
    (
        candidate("runway"),
        ask(),
        Facts(health={RUNWAY: Health("retryable", 0, probing=True)}),
        Reason.PROBING,
        "Runway one is being tried again with one call (it failed too often just now).",
    ),
    (
        candidate("runway"),
        ask(),
        Facts(load={RUNWAY: Load(3, 3)}),
        Reason.FULL,
        "Runway one is busy: 3 of 3 places are taken.",
    ),
    (
        candidate("runway"),
        ask(),
        Facts(load={RUNWAY: Load(0, 3, held_s=60)}),
        Reason.HELD,
        "Runway one asked for a pause of 60 s.",
    ),
    (
        candidate("runway", price=22, seconds=90),
        ask(),
        Facts(),
        Reason.LOWER,
        "Runway one costs 14.4 credits more and takes 30 s longer.",
    ),
]


@pytest.mark.parametrize(("falls", "asked", "facts", "reason", "sentence"), FALLS, ids=[row[3].value for row in FALLS])
def test_who_is_passed_over_is_told_why(
    falls: Candidate, asked: Ask, facts: Facts, reason: Reason, sentence: str
) -> None:
    good = replace(GOOD, region="eu", safety_max=Safety.MATURE)
    decision = route(asked, [falls, good], facts)
    assert decision.chosen == good
    (judged,) = [each for each in decision.judged if each.candidate == falls]
    assert (judged.reason, judged.sentence) == (reason, sentence)


def test_every_reason_is_in_the_table() -> None:
    chosen = {reason for reason in Reason if reason.value.startswith(("chosen.", "none."))}
    assert {row[3] for row in FALLS} | chosen == set(Reason)


CHOSEN = [
    ([GOOD], ask(), Facts(), Reason.ONLY_ONE, "Kling one is the only one left (12 credits at most, about 60 s)."),
    (
        [GOOD, candidate("runway", price=11)],
        ask(),
        Facts(),
        Reason.CHEAPEST,
        "Kling one costs least of 2 (12 credits at most, about 60 s).",
    ),
    (
        [GOOD, candidate("runway", seconds=90)],
        ask(),
        Facts(),
        Reason.FASTEST,
        "Kling one is quickest of 2 (12 credits at most, about 60 s).",
    ),
    (
        [GOOD, candidate("runway")],
        ask(),
        Facts(records={KLING: Record(50, 40)}),
        Reason.BEST_LIKED,
        "Kling one makes what people pick most of 2 (12 credits at most, about 60 s).",
    ),
    (
        [GOOD, candidate("runway", price=11, seconds=90)],
        ask(),
        Facts(),
        Reason.BEST_OVERALL,
        "Kling one is the best of 2 in price, time and quality together (12 credits at most, about 60 s).",
    ),
    ([GOOD], ask(pinned=KLING), Facts(), Reason.PINNED, "Kling one, as you chose (12 credits at most, about 60 s)."),
]


@pytest.mark.parametrize(
    ("candidates", "asked", "facts", "reason", "sentence"), CHOSEN, ids=[row[3].value for row in CHOSEN]
)
def test_who_is_chosen_is_told_why(
    candidates: list[Candidate], asked: Ask, facts: Facts, reason: Reason, sentence: str
) -> None:
    decision = route(asked, candidates, facts)
    assert (decision.chosen, decision.reason, decision.sentence) == (GOOD, reason, sentence)


def test_what_the_chosen_one_bends_is_shown() -> None:
    bends = candidate("kling", bends=[Difference(Field.DURATION, "7 s", "10 s")])
    assert route(ask(), [bends], Facts()).sentence.endswith(" What differs: duration: 7 s asked, 10 s possible.")


def test_nobody_left_is_told_with_the_nearest_miss() -> None:
    dear, unfit = candidate("runway", price=60), candidate("kling", cannot=[Difference(Field.SEED, "4", "")])
    decision = route(ask(price_max_microcredits=48 * MICRO), [unfit, dear], Facts())
    assert (decision.chosen, decision.reason, decision.emptied_by) == (None, Reason.NOBODY, Stage.PRICE)
    assert decision.sentence == (
        "Every model that may be used costs more than the limit for one generation."
        " Runway one may cost 72 credits, 14.4 credits over the limit of 57.6 credits."
    )
    assert route(ask(), [], Facts()).sentence == "There is no model for this."


def test_where_all_are_full_the_best_waits_for_a_place() -> None:
    facts = Facts(load={RUNWAY: Load(3, 3), KLING: Load(5, 5)})
    decision = route(ask(), [GOOD, candidate("runway", price=60)], facts)
    assert (decision.chosen, decision.waits) == (GOOD, True)
    assert decision.sentence.endswith("All places are taken, so it waits for one.")


def test_few_picks_say_little() -> None:
    """One lucky pick does not beat two hundred results that people picked two times of three."""
    lucky, proven = candidate("runway"), candidate("kling")
    facts = Facts(records={RUNWAY: Record(1, 1), KLING: Record(200, 134)})
    assert route(ask(purpose=Purpose.FINAL), [lucky, proven], facts).chosen == proven


def test_what_was_measured_outweighs_what_is_said() -> None:
    boasts = candidate("runway", seconds=10)
    facts = Facts(speeds={RUNWAY: Speed(300.0, 20.0, 50)})
    assert route(ask(), [boasts, GOOD], facts).chosen == GOOD


def test_a_draft_is_cheap_and_a_final_is_good() -> None:
    good, cheap = candidate("runway", price=60, seconds=120), candidate("kling", price=15, seconds=30)
    facts = Facts(records={RUNWAY: Record(200, 150), KLING: Record(200, 60)})
    assert route(ask(purpose=Purpose.DRAFT), [good, cheap], facts).chosen == cheap
    assert route(ask(purpose=Purpose.FINAL), [good, cheap], facts).chosen == good


@given(st.one_of(st.none(), st.frozensets(NAMES)), st.frozensets(NAMES), IDS)
def test_a_narrowed_policy_takes_what_both_allow(
    allow: frozenset[str] | None, named: frozenset[str], id: ModelId
) -> None:
    both = Policy(allow).allows(id) and (not named or Policy(named).allows(id))
    chosen = route(ask(), [candidate(str(id))], Facts(Policy(allow).narrowed(named))).chosen
    assert (chosen is not None) == both


def test_who_named_a_model_is_told_of_that_one() -> None:
    """Others come further, and are none of theirs."""
    unfit = candidate("kling/one", cannot=[Difference(Field.DURATION, "12 s", "5 or 10 s")])
    decision = route(ask(), [unfit, candidate("runway")], Facts(Policy().narrowed(["kling"])))
    assert decision.sentence.startswith("No model can make this as it was asked. Kling one cannot make this")
    assert decision.emptied_by is Stage.CAPABILITY


# Exploration -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", Purpose)
def test_so_many_steps_explore_and_no_more(purpose: Purpose) -> None:
    candidates = [candidate("kling", price=10), candidate("runway", price=11), candidate("stability", price=100)]
    facts = Facts(records={RUNWAY: Record(3, 3), KLING: Record(90, 60)})
    keys = [f"{number:064x}" for number in range(20_000)]
    made = [route(ask(step_key=key, purpose=purpose), candidates, facts) for key in keys]
    explored = [decision for decision in made if decision.explored]
    share = VERSIONS[1][purpose].explored_share
    assert share <= EXPLORED_SHARE_MAX
    assert 0.8 * share < len(explored) / len(made) < 1.2 * share
    assert {decision.chosen.id for decision in explored if decision.chosen} == {RUNWAY}, "not what costs ten times more"
    assert {decision.reason for decision in explored} == {Reason.EXPLORED}


@given(st.text(max_size=80))
def test_a_lot_is_drawn_once(key: str) -> None:
    assert 0.0 <= lot(key) < 1.0
    assert lot(key) == lot(key)


# Whatever comes ----------------------------------------------------------------------------------------------


@given(ASKS, CANDIDATES, FACTS, st.randoms(use_true_random=False))
def test_the_order_of_candidates_decides_nothing(
    asked: Ask, candidates: list[Candidate], facts: Facts, random: Random
) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)
    assert route(asked, candidates, facts) == route(asked, shuffled, facts)


@given(ASKS, CANDIDATES, FACTS)
def test_everybody_is_judged_once_with_a_reason_and_a_sentence(
    asked: Ask, candidates: list[Candidate], facts: Facts
) -> None:
    decision = route(asked, candidates, facts)
    assert sorted(each.candidate.id for each in decision.judged) == sorted(each.id for each in candidates)
    for each in decision.judged:
        assert each.sentence.endswith(".") and each.sentence[0].isupper()
        assert each.reason.value.startswith((f"{each.stage.value}.", "chosen."))
    depths = [each.stage.depth for each in decision.judged]
    assert depths == sorted(depths, reverse=True), "who came furthest is shown first"
    if decision.chosen is None:
        assert decision.emptied_by is not None or not candidates
    else:
        assert decision.judged[0].candidate == decision.chosen


@given(ASKS, CANDIDATES, FACTS)
def test_nobody_is_chosen_against_a_rule(asked: Ask, candidates: list[Candidate], facts: Facts) -> None:
    decision = route(asked, candidates, facts)
    chosen = decision.chosen
    if chosen is None:
        return
    assert isinstance(chosen.offer, Fit) and chosen.standing is not Standing.RETIRED and chosen.id not in asked.tried
    assert facts.policy.allows(chosen.id) and not facts.policy.denies(chosen.id)
    assert asked.pinned in (None, chosen.id)
    assert facts.policy.regions is None or chosen.region in facts.policy.regions
    looser = [Safety.STRICT, Safety.STANDARD, Safety.MATURE]
    assert looser.index(asked.safety) <= looser.index(chosen.safety_max)
    assert asked.price_max_microcredits is None or chosen.price_microcredits <= asked.price_max_microcredits
    assert facts.budget(chosen.price_microcredits) is None
    assert chosen.id not in facts.health
    load = facts.load.get(chosen.id)
    assert decision.waits == (load is not None and load.is_full)


@given(ASKS, CANDIDATES, FACTS, st.integers(1, 100 * MICRO), st.floats(0.1, 100))
def test_who_gets_cheaper_and_quicker_never_falls_behind(
    asked: Ask, candidates: list[Candidate], facts: Facts, less: int, sooner_s: float
) -> None:
    """Of the one that wins without chance: better in what it offers, it still wins."""
    chosen = route(asked, candidates, facts).chosen
    if chosen is None or route(asked, candidates, facts).explored:
        return
    assert isinstance(chosen.offer, Fit)
    cheaper = replace(chosen.offer, most_microcredits=max(0, chosen.price_microcredits - less))
    better = replace(chosen, offer=cheaper, expected_s=max(0.1, chosen.expected_s - sooner_s))
    again = route(asked, [better if each.id == chosen.id else each for each in candidates], facts)
    assert again.chosen is not None
    assert again.explored or again.chosen.id == chosen.id


@given(ASKS, CANDIDATES, FACTS)
def test_who_fails_is_passed_over_and_the_price_asked_anew(
    asked: Ask, candidates: list[Candidate], facts: Facts
) -> None:
    tried: frozenset[ModelId] = asked.tried
    for _ in range(len(candidates) + 1):
        chosen = route(replace(asked, tried=tried), candidates, facts).chosen
        if chosen is None:
            return
        assert chosen.id not in tried
        tried |= {chosen.id}
    raise AssertionError("it never ends")
