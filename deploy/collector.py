"""How often a process that holds documents looks for garbage in cycles."""

import gc

GC_ALLOCATIONS = 50_000
"""More allocations than frees between two looks at the youngest objects; Python's own number is 700."""


def rare_collections() -> None:
    """Documents are many small objects without cycles: by default the collector walks them again and again while one
    loads, which took two thirds of the time (`python -m tests.bench.core`)."""
    gc.freeze()
    gc.set_threshold(GC_ALLOCATIONS, 20, 20)
