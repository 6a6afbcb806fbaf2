"""The timeline document: how it is made, read, resolved, edited and repaired. docs/timeline.md explains the model.

Nothing is judged here: who may write what is `sync.admission`'s.
"""

from sync.timeline.create import add_clip, seed
from sync.timeline.model import MAIN_TRACK

__all__ = ["MAIN_TRACK", "add_clip", "seed"]
