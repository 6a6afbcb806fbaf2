"""What shots would cost before anybody pays: the first choices, the range, and what those before leave of the room."""

from fractions import Fraction

from services.billing.quote import Room, price_of
from services.generation.providers.capabilities import Difference, Field
from services.generation.providers.prices import MICRO
from services.generation.routing.model import Ask, Candidate, Facts, Health, Load, ModelId, Policy, Purpose
from services.generation.routing.reasons import Reason
from services.generation.shots.costing import Costing, Part, costing
from tests.unit.routing.make import KEY, candidate

ASK = Ask(KEY, Purpose.FINAL, explores=False)
NOTHING = Facts()
FIVE_S = Fraction(5)
CHEAP, DEAR = candidate("kling", 10), candidate("runway", 30)


def cost_of(*shots: list[Candidate], left: int = 1_000 * MICRO, facts: Facts = NOTHING) -> Costing:
    return costing([part(each, facts) for each in shots], [], Room(left, "project"))


def part(
    candidates: list[Candidate], facts: Facts = NOTHING, seconds: Fraction | None = FIVE_S, ask: Ask = ASK
) -> Part:
    return Part("shot.1", seconds, ask, candidates, facts)


def test_the_holder_pays_between_the_cheapest_and_the_dearest_who_may_be_asked() -> None:
    costs = cost_of([CHEAP, DEAR], [CHEAP, DEAR])
    assert costs.possible and [shot.decision.chosen for shot in costs.shots] == [CHEAP, CHEAP]
    assert (costs.least, costs.likely, costs.most) == tuple(2 * price_of(each * MICRO) for each in (10, 10, 30))
    assert [(model.id.provider, model.shots, model.price) for model in costs.models] == [
        ("kling", 2, 2 * price_of(10 * MICRO)),
        ("runway", 2, 2 * price_of(30 * MICRO)),
    ]
    assert costs.models[1].reason is Reason.LOWER


def test_what_earlier_shots_take_is_not_there_for_later_ones() -> None:
    """The hold of a later shot would be refused; whoever looks at the price is told so."""
    costs = cost_of([CHEAP, DEAR], [CHEAP, DEAR], left=price_of(35 * MICRO))
    assert [shot.most for shot in costs.shots] == [price_of(30 * MICRO), price_of(10 * MICRO)]
    short = cost_of([CHEAP], [CHEAP], left=price_of(15 * MICRO))
    assert not short.possible and short.shots[1].decision.chosen is None
    assert (short.likely, short.models[0].shots, short.models[0].reason) == (
        price_of(10 * MICRO),
        1,
        Reason.BUDGET_SHORT,
    )


def test_who_is_full_or_unwell_now_counts_in_the_range_and_is_not_the_first_choice() -> None:
    facts = Facts(health={ModelId("fal", "one"): Health("retryable", 30.0)}, load={ModelId("kling", "one"): Load(4, 4)})
    costs = cost_of([CHEAP, DEAR, candidate("fal", 50)], facts=facts)
    (shot,) = costs.shots
    assert shot.decision.chosen == DEAR
    assert (shot.least, shot.likely, shot.most) == tuple(price_of(each * MICRO) for each in (10, 30, 50))


def test_who_cannot_or_may_not_counts_nowhere_and_says_why() -> None:
    unfit = candidate("fal", cannot=[Difference(Field.DURATION, "7 s", "5 or 10 s")])
    costs = cost_of([CHEAP, DEAR, unfit], facts=Facts(policy=Policy(deny=frozenset({"runway"}))))
    assert costs.most == price_of(10 * MICRO)
    said = {model.id.provider: (model.shots, model.price, model.reason) for model in costs.models}
    assert said["runway"] == (0, 0, Reason.DENIED) and said["fal"] == (0, 0, Reason.UNFIT)
    nobody = cost_of([unfit])
    assert not nobody.possible and nobody.most == 0 and "7 s asked" in nobody.shots[0].decision.sentence


def test_lines_cost_what_is_left_and_stop_nothing() -> None:
    """Where nobody speaks one within the budget, our own voice does."""
    voice = part([candidate("elevenlabs", 3)], seconds=None)
    costs = costing([part([CHEAP])], [voice, voice], Room(price_of(13 * MICRO), "project"))
    assert costs.possible and [line.likely for line in costs.lines] == [price_of(3 * MICRO), 0]
    assert costs.most == price_of(10 * MICRO) + price_of(3 * MICRO)
    assert [model.id.provider for model in costs.models] == ["kling"], "who speaks is no maker of films"


def test_a_model_that_can_make_some_says_why_not_the_others() -> None:
    unfit = candidate("kling", cannot=[Difference(Field.DURATION, "12 s", "5 or 10 s")])
    costs = cost_of([CHEAP, DEAR], [unfit, DEAR])
    kling = next(model for model in costs.models if model.id.provider == "kling")
    assert (kling.shots, kling.reason) == (1, Reason.UNFIT)


def test_a_quote_never_tries_anybody_for_the_sake_of_knowing_them() -> None:
    lots = [Ask(f"{number:064x}", Purpose.DRAFT, explores=False) for number in range(300)]
    rooms = Room(10**9, "wallet")
    chosen = {
        costing([part([CHEAP, candidate("runway", 11)], ask=ask)], [], rooms).shots[0].decision.reason for ask in lots
    }
    assert Reason.EXPLORED not in chosen
