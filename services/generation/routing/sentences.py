"""The router's reasons in words that an artist understands: what was asked, what it can, by how much.

One sentence each; no code and no provider's error text. Prices are those that are paid here, our margin included.
"""

from collections.abc import Sequence

from services.billing.quote import price_of
from services.generation.providers.capabilities import Difference, Standing
from services.generation.providers.prices import MICRO
from services.generation.routing.model import Candidate, Health, Judged, Load, ModelId, Short
from services.generation.routing.rank import Ranked
from services.generation.routing.reasons import Reason, Stage
from services.projects.settings import Safety

_FAULTS = {
    "credit": "our account there has no credit",
    "auth": "our key is not accepted there",
    "gone": "it was not found there",
    "stalled": "its tasks never ended",
}
_EMPTIED = {
    Stage.CAPABILITY: "No model can make this as it was asked.",
    Stage.POLICY: "No model that can make this may be used here.",
    Stage.PRICE: "Every model that may be used costs more than the limit for one generation.",
    Stage.BUDGET: "What is left of the budget pays for none of the models.",
    Stage.HEALTH: "All models that could make this are out of order at the moment.",
}


def paid(cost_microcredits: int) -> str:
    """What whoever pays is charged for what a provider charges."""
    return credits(price_of(cost_microcredits))


def credits(microcredits: int) -> str:
    """To a hundredth, which is rounded up: nothing costs less than it is said to."""
    hundredths = -(-microcredits * 100 // MICRO)
    whole, rest = divmod(hundredths, 100)
    number = f"{whole:,}" if rest == 0 else f"{whole:,}.{rest:02d}".rstrip("0")
    return f"{number} credit" if number == "1" else f"{number} credits"


def duration(seconds: float) -> str:
    """As people say it; never 0 seconds."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5_400 else f"{round(seconds / 3_600)} h"


def difference(each: Difference) -> str:
    """`duration: 7 s asked, 5 or 10 s possible`."""
    return f"{each.field.replace('_', ' ')}: {each.asked or 'nothing'} asked, {each.offered or 'none'} possible"


# Fallen ------------------------------------------------------------------------------------------------------


def unfit(candidate: Candidate) -> str:
    return f"{candidate.title} cannot make this ({'; '.join(map(difference, candidate.differences))})."


def retired(candidate: Candidate) -> str:
    on = candidate.offer.model.since
    since = "" if on is None else f" on {on.day} {on:%B %Y}"
    return f"{candidate.title} was shut down by its provider{since}."


def tried(candidate: Candidate) -> str:
    return f"{candidate.title} has failed at this already."


def denied(candidate: Candidate) -> str:
    return f"The owner of this project has ruled {candidate.title} out."


def not_allowed(candidate: Candidate) -> str:
    return f"{candidate.title} is not among the models that the owner of this project allows."


def not_pinned(candidate: Candidate, pinned: ModelId) -> str:
    return f"You chose {pinned.model}, so {candidate.title} was not asked."


def not_named(candidate: Candidate) -> str:
    return f"{candidate.title} is not among the models that you named."


def region(candidate: Candidate, regions: frozenset[str]) -> str:
    stays = f"this project's material stays in {' or '.join(sorted(regions))}"
    if candidate.region is not None:
        return f"{candidate.title} computes in {candidate.region}; {stays}."
    return f"{candidate.title} does not say where it computes; {stays}. Whoever runs the studio can say where that is."


def safety(candidate: Candidate, asked: Safety) -> str:
    most = candidate.safety_max
    takes = f"{candidate.title} takes projects up to “{most}”; this one is “{asked}”."
    return f"{takes} Make a draft, which stays here, or let the project's owner set it to “{most}”."


def over_cap(candidate: Candidate, most: int) -> str:
    price = price_of(candidate.price_microcredits)
    over = credits(price - price_of(most))
    return f"{candidate.title} may cost {credits(price)}, {over} over the limit of {paid(most)}."


def budget_short(candidate: Candidate, short: Short) -> str:
    price, left = paid(candidate.price_microcredits), credits(max(0, short.left_microcredits))
    return f"{candidate.title} may cost {price}; {left} are left of {short.budget}."


def budget_short_untold(title: str) -> str:
    """For whom the balance is not."""
    return f"{title} costs more than is left of a budget."


def unwell(candidate: Candidate, health: Health) -> str:
    why = _FAULTS.get(health.fault, "it failed too often just now")
    if health.probing:
        return f"{candidate.title} is being tried again with one call ({why})."
    return f"{candidate.title} is left alone for {duration(health.retry_after_s)} because {why}."


def full(candidate: Candidate, load: Load) -> tuple[Reason, str]:
    if load.held_s > 0:
        return Reason.HELD, f"{candidate.title} asked for a pause of {duration(load.held_s)}."
    return Reason.FULL, f"{candidate.title} is busy: {load.running} of {load.places} places are taken."


# Ranked ------------------------------------------------------------------------------------------------------


def chosen(reason: Reason, taken: Ranked, pool: Sequence[Ranked], *, waits: bool) -> str:
    title, facts = taken.candidate.title, f"{paid(taken.candidate.price_microcredits)} at most"
    facts += f", about {duration(taken.score.expected_s)}"
    said = {
        Reason.PINNED: f"{title}, as you chose ({facts}).",
        Reason.ONLY_ONE: f"{title} is the only one left ({facts}).",
        Reason.CHEAPEST: f"{title} costs least of {len(pool)} ({facts}).",
        Reason.FASTEST: f"{title} is quickest of {len(pool)} ({facts}).",
        Reason.BEST_LIKED: f"{title} makes what people pick most of {len(pool)} ({facts}).",
        Reason.BEST_OVERALL: f"{title} is the best of {len(pool)} in price, time and quality together ({facts}).",
        Reason.EXPLORED: f"{title} is tried so that it is known better; few steps are ({facts}).",
    }[reason]
    bent = taken.candidate.differences
    if bent:
        said += f" What differs: {'; '.join(map(difference, bent))}."
    return said + (" All places are taken, so it waits for one." if waits else "")


def lower(other: Ranked, taken: Ranked) -> str:
    """In what it is behind; it may be behind in nothing but the sum."""
    behind = []
    dearer = price_of(other.candidate.price_microcredits) - price_of(taken.candidate.price_microcredits)
    later_s = other.score.expected_s - taken.score.expected_s
    liked = round(100 * taken.score.quality) - round(100 * other.score.quality)
    if dearer > 0:
        behind.append(f"costs {credits(dearer)} more")
    if later_s >= 1:
        behind.append(f"takes {duration(later_s)} longer")
    if liked > 0:
        behind.append(f"is liked less ({round(100 * other.score.quality)} of 100)")
    if len(other.candidate.differences) > len(taken.candidate.differences):
        behind.append("is further from what was asked")
    if other.candidate.standing is Standing.DEGRADED and taken.candidate.standing is not Standing.DEGRADED:
        behind.append("has trouble today, its provider says")
    title = other.candidate.title
    return f"{title} {' and '.join(behind)}." if behind else f"{title} could make it as well."


def gone(model: ModelId) -> str:
    """Chosen before a restart, and not there any more."""
    return f"{model.model} was chosen for this and cannot be asked any more. Generate the scene again."


def nobody(nearest: Judged | None) -> str:
    """`nearest`: the nearest miss."""
    if nearest is None:
        return "There is no model for this."
    return f"{_EMPTIED[nearest.stage]} {nearest.sentence}"
