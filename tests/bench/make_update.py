"""A big Yjs document as one v1 update: clips of a timeline, written by their owner and moved again and again.

Known content for load tests; not the shape of our own timelines.
"""

import random

from pycrdt import Doc, Map

CLIENT = 3_123_456_789
MOVES = 4


def clips(count: int, moves: int = MOVES, seed: int = 1) -> bytes:
    """`count` nested maps under the root map `clips`, each overwritten `moves` times."""
    rng = random.Random(seed)
    doc: Doc[Map[Map[object]]] = Doc(client_id=CLIENT)
    root = doc.get("clips", type=Map[Map[object]])
    for number in range(count):
        root[f"clip{number:05d}"] = Map(
            {
                "track": number % 8,
                "start": rng.random() * 600,
                "length": rng.random() * 20,
                "src": f"media/{rng.randrange(16**8):08x}.mp4",
                "name": f"Clip {number}",
            }
        )
    for _ in range(moves):
        for number in range(count):
            root[f"clip{number:05d}"]["start"] = rng.random() * 600
    return doc.get_update()
