"""Two nodes, three clients, a worker, and everything that may go wrong between them, from a seed.

The oracle looks at every acknowledgement as it arrives (is it in the log?) and at the end at content, state vectors and
delete sets of all replicas.
"""

from typing import Any

import pytest
from pycrdt import Doc, Map

from sync.index import StructIndex
from sync.room import Room
from sync.schema import STORYBOARD_ROOTS
from sync.update import parse
from tests.simulation.world import World

STEPS = 250


def run(seed: int) -> World:
    world = World(seed)
    steps: list[tuple[int, Any]] = [
        (12, lambda: world.edit(world.rng.choice(world.clients))),
        (25, lambda: world.receive_up(world.rng.choice(world.clients))),
        (30, lambda: world.receive_down(world.rng.choice(world.clients))),
        (8, lambda: world.commit(world.rng.choice(world.nodes))),
        (1, lambda: world.commit(world.rng.choice(world.nodes), answer_lost=True)),
        (10, world.deliver_bus),
        (4, lambda: world.read_log(world.rng.choice(world.nodes))),
        (2, lambda: world.poll(world.rng.choice(world.nodes))),
        (1, lambda: world.tick(world.rng.choice(world.nodes))),
        (2, world.server_edit),
        (4, lambda: world.connect(world.rng.choice(world.clients))),
        (1, lambda: world.disconnect(world.rng.choice(world.clients))),
        (1, lambda: world.crash(world.rng.choice(world.nodes))),
    ]
    weights = [weight for weight, _ in steps]
    for _ in range(STEPS):
        world.now_s += 0.01
        world.rng.choices(steps, weights)[0][1]()
    heal(world)
    return world


def heal(world: World) -> None:
    """Everybody is back and everything arrives, until nothing moves."""
    for _ in range(400):
        for client in world.clients:
            world.connect(client)
            for _ in range(len(client.up) + 1):
                world.receive_up(client)
            for _ in range(len(client.down) + 1):
                world.receive_down(client)
        for node in world.nodes:
            world.commit(node)
            world.read_log(node)
            world.poll(node)
            world.tick(node)
        world.deliver_bus()
        if settled(world):
            return
    raise AssertionError("the world does not come to rest")


def settled(world: World) -> bool:
    busy_clients = any(client.up or client.down or client.unacknowledged for client in world.clients)
    busy_nodes = any(node.unwritten or node.reads for node in world.nodes)
    behind = any(node.room is not None and node.room.order.seq != len(world.log.rows) for node in world.nodes)
    return not (busy_clients or busy_nodes or behind or world.bus)


def fingerprint(state: bytes) -> tuple[Any, Any, Any]:
    """(content, state vector, delete set) of a replica."""
    doc: Doc[Any] = Doc()
    doc.apply_update(state)
    index = StructIndex()
    index.load(parse(state))
    content = {root: doc.get(root, type=Map).to_py() for root in STORYBOARD_ROOTS}
    return content, index.state_vector(), index.deleted()


def check(world: World) -> None:
    replayed: Doc[Any] = Doc()
    for row in world.log.rows:
        replayed.apply_update(row.bytes)
    expected = fingerprint(bytes(replayed.get_update()))
    for client in world.clients:
        assert fingerprint(bytes(client.doc.get_update())) == expected, f"client {client.number}"
    rooms: list[Room] = [node.room for node in world.nodes if node.room is not None]
    for room in rooms:
        assert fingerprint(room.encode()) == expected, "a room"


@pytest.mark.parametrize("seed", range(60))
def test_nothing_acknowledged_is_lost_and_all_replicas_are_equal(seed: int) -> None:
    world = run(seed)
    check(world)


def test_the_seeds_meet_every_kind_of_trouble() -> None:
    met: set[str] = set()
    for seed in range(12):
        met |= set(run(seed).counts)
    troubles = {"crash", "disconnect", "bus loss", "bus repeat", "commit answer lost", "log read", "server edit"}
    assert troubles <= met
