"""What counts how much in a ranking, by purpose, as versioned data: a decision names the version that it was made with.

A version is never changed; a new one is added and made `CURRENT`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.generation.providers.prices import MICRO
from services.generation.routing.model import Purpose

EXPLORED_SHARE_MAX = 0.05


@dataclass(frozen=True, slots=True)
class Weights:
    """`cost`, `speed` and `quality` sum to 1.

    `price_unit_microcredits`, `time_unit_s`: differences well below them hardly count. `quality_prior` and
    `prior_count`: what a model is taken for before anybody saw a result of it, and how many results outweigh that.
    `bent` is taken off for each difference to what was asked, `degraded` where the provider says that it is.
    `explored_share` of the steps go to a lesser known model, which costs at most `explored_price_ratio_max` times as
    much.
    """

    cost: float
    speed: float
    quality: float
    price_unit_microcredits: int = 5 * MICRO
    time_unit_s: float = 5.0
    quality_prior: float = 0.5
    prior_count: int = 20
    bent: float = 0.05
    degraded: float = 0.2
    explored_share: float = EXPLORED_SHARE_MAX
    explored_price_ratio_max: float = 1.5

    def __post_init__(self) -> None:
        assert abs(self.cost + self.speed + self.quality - 1.0) < 1e-9
        assert 0.0 <= self.explored_share <= EXPLORED_SHARE_MAX


VERSIONS: Mapping[int, Mapping[Purpose, Weights]] = {
    1: {
        Purpose.DRAFT: Weights(cost=0.45, speed=0.35, quality=0.2),
        Purpose.FINAL: Weights(cost=0.2, speed=0.1, quality=0.7, explored_share=0.02, explored_price_ratio_max=1.2),
    },
}
CURRENT = 1
