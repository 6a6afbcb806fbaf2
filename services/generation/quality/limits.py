"""The thresholds, as data with a version: calibrated on clips that are right and clips broken in one way each.

`./dev calibrate` prints how far apart the two lie (docs/quality.md). Whoever changes a number counts `VERSION` up.
"""

from collections.abc import Mapping
from types import MappingProxyType

from services.brains.model import Move
from services.generation.quality.model import Limit

VERSION = 1

LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "frames": Limit(0, 1),
        "rate": Limit(0, 0.001),
        "size": Limit(0, 0),
        "constant_rate": Limit(None, 0),
        "black": Limit(0.25, 0.75),
        "frozen": Limit(0.4, 0.75),
        "frozen_static": Limit(0.75, None),
        "flicker": Limit(1.2, 3.0),
        "sharpness": Limit(0.1, 0.07, floor=True),
        "sharpness_drop": Limit(0.35, 0.6),
        "highlights_clipped": Limit(0.08, 0.3),
        "shadows_crushed": Limit(0.6, 0.85),
        "motion_still": Limit(1.0, 3.0),
        "motion_moving": Limit(0.6, 0.2, floor=True),
        "motion_way": Limit(0.5, None, floor=True),
        "cuts": Limit(0, 0),
        "board": Limit(0.75, 0.6, floor=True),
        "palette": Limit(0.055, None),
        "loudness": Limit(1.0, 3.0),
        "true_peak": Limit(-1.0, 0.0),
        "clipping": Limit(0.5, 5.0),
        "silence": Limit(3.0, None),
        "skew": Limit(0.5, 1.0),
        "opinion": Limit(0.6, 0.35, floor=True),
    }
)
"""By the name of the measure; units are said where it is measured."""

STILL: frozenset[Move] = frozenset({Move.STATIC})
"""What a camera that stands does; it may breathe, not travel."""
