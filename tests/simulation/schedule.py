"""Which step comes next, the way back to rest, and the oracle: one seed, one history, one verdict.

The oracle looks at every acknowledgement as it arrives (is it in the log?) and at the end at content, state vectors and
delete sets of all replicas, of a fresh load and of the log itself, and at who is present.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from pycrdt import Doc

from sync.index import StructIndex
from sync.update import parse
from tests.simulation.client import Client
from tests.simulation.log import content_of
from tests.simulation.node import Died, Node
from tests.simulation.world import World

STEPS = 400
STEP_S = 0.01
SILENCE_S = 35.0
"""Longer than presence lasts."""
REFUSALS_FORGOTTEN_S = 61.0
HEAL_ROUNDS_MAX = 400
GHOSTS_GO_ROUNDS = 100
CRASH_POINTS = (
    "before relay",
    "after relay",
    "before commit",
    "after commit",
    "before publish",
    "after publish",
    "before snapshot",
    "after snapshot",
)
FAULTS = frozenset(
    {f"crash {point}" for point in (*CRASH_POINTS, "at rest")}
    | {"bus loss", "bus repeat", "bus reorder", "partition", "partition loss", "slow store", "silence"}
    | {"commit answer lost", "commit answer repeated", "log read failed", "epoch change", "commit of an old epoch"}
    | {"disconnect", "takeover", "late bytes of a dead socket", "reload", "promotion", "demotion", "denied"}
    | {"poison", "panic", "drain", "unload", "load from a snapshot"}
    | {"lock", "unlock", "locked scene edited", "edit overtaken by a lock", "accept despite a lock"}
)


def steps(world: World) -> list[tuple[float, Callable[[], object]]]:
    rng = world.rng

    def client() -> Client:
        return rng.choice(world.clients)

    def node() -> Node:
        return rng.choice(world.nodes)

    return [
        (12, lambda: world.edit(client())),
        (25, lambda: world.receive_up(client())),
        (30, lambda: world.receive_down(client())),
        (8, lambda: world.write(node())),
        (9, lambda: world.answer(node())),
        (1, lambda: world.answer(node(), lost=True)),
        (1, lambda: world.answer_again(node())),
        (10, world.deliver_bus),
        (4, lambda: world.read_log(node())),
        (0.5, lambda: world.read_log(node(), fails=True)),
        (2, lambda: world.poll(node())),
        (1, lambda: world.tick(node())),
        (2, world.server_edit),
        (1, world.lock),
        (0.3, world.accept),
        (4, lambda: world.connect(client())),
        (1, lambda: world.disconnect(client())),
        (0.5, lambda: world.crash(node())),
        (1.5, lambda: _arm(world)),
        (0.6, lambda: world.take_over(client())),
        (1, lambda: world.zombie() if world.zombies else None),
        (0.3, lambda: world.reload(client())),
        (0.5, lambda: world.change_role(client())),
        (0.5, lambda: client().tell_presence()),
        (0.15, lambda: world.poison(client())),
        (0.2, lambda: world.drain(node())),
        (0.5, lambda: world.unload(node())),
        (1, lambda: world.snapshot(node())),
        (0.1, world.rebase),
        (0.5, lambda: _turn(world, "partition", "cut")),
        (0.5, lambda: _turn(world, "slow store", "slow")),
        (0.1, lambda: _silence(world)),
    ]


def _arm(world: World) -> None:
    world.rng.choice(world.nodes).armed = world.rng.choice(CRASH_POINTS)


def _turn(world: World, what: str, switch: str) -> None:
    """Begins or ends a trouble of one node."""
    node = world.rng.choice(world.nodes)
    setattr(node, switch, not getattr(node, switch))
    if getattr(node, switch):
        world.count(what)


def _silence(world: World) -> None:
    world.now_s += SILENCE_S
    world.count("silence")


def run(seed: int, length: int = STEPS) -> World:
    """Raises `AssertionError` where a promise is broken, and whatever a room raises."""
    world = World(seed)
    choices = steps(world)
    weights = [weight for weight, _ in choices]
    for _ in range(length):
        world.now_s += STEP_S
        try:
            world.rng.choices(choices, weights)[0][1]()
        except Died as died:
            world.crash(died.node, died.point)
    heal(world)
    check(world)
    return world


def heal(world: World) -> None:
    """All troubles end, everybody may write and is back and everything arrives, until nothing moves."""
    world.now_s += REFUSALS_FORGOTTEN_S
    for node in world.nodes:
        node.armed, node.slow, node.cut = "", False, False
    for client in world.clients:
        if client.poison_sent:
            world.reload(client)
        if not client.may_write:
            world.change_role(client)
    while world.zombies:
        world.zombie()
    for number in range(1, HEAL_ROUNDS_MAX):
        world.now_s += STEP_S
        if number % GHOSTS_GO_ROUNDS == 0:  # who has gone through a node that died is still shown by the others
            world.now_s += SILENCE_S
            for client in world.clients:
                client.tell_presence()
        for client in world.clients:
            if client.denied:
                world.disconnect(client)
            world.connect(client)
            for _ in range(len(client.up) + 1):
                world.receive_up(client)
            for _ in range(len(client.down) + 1):
                world.receive_down(client)
        for node in world.nodes:
            world.write(node)
            world.answer(node)
            world.read_log(node)
            world.poll(node)
            world.tick(node)
        world.deliver_bus()
        if settled(world):
            return
    raise AssertionError("the world does not come to rest")


def settled(world: World) -> bool:
    if any(client.node is None or client.waits or client.denied for client in world.clients):
        return False
    if any(node.unwritten or node.reads for node in world.nodes) or world.bus:
        return False
    return all(node.room is None or node.room.order.seq == len(world.log.rows) for node in world.nodes)


def fingerprint(state: bytes) -> tuple[Any, Any, Any]:
    """(content, state vector, delete set) of a replica."""
    doc: Doc[Any] = Doc()
    doc.apply_update(state)
    index = StructIndex()
    index.load(parse(state))
    return content_of(doc), index.state_vector(), index.deleted()


def check(world: World) -> None:
    expected = fingerprint(bytes(world.log.replay().get_update()))
    index = world.log.indexes[world.log.epoch]
    assert expected[1:] == (index.state_vector(), index.deleted()), "the log is not its index"
    for client in world.clients:
        assert fingerprint(bytes(client.doc.get_update())) == expected, f"client {client.number}"
    for node in world.nodes:
        if node.room is not None:
            assert fingerprint(node.room.encode()) == expected, f"the room of node {node.number}"
    loaded: Doc[Any] = Doc()
    for state in world.log.states():
        loaded.apply_update(state)
    assert fingerprint(bytes(loaded.get_update())) == expected, "snapshot and tail"
    check_presence(world)


def check_presence(world: World) -> None:
    """Everybody says who he is once more and nothing is lost: then every node knows everybody."""
    for client in world.clients:
        client.tell_presence()
        while client.up:
            world.receive_up(client)
    for node in world.nodes:
        world.tick(node)
    waiting = deque(world.bus)
    world.bus.clear()
    for number, payload in waiting:
        world.hear(number, payload)
    for node in world.nodes:
        for client in world.clients if node.room is not None else ():
            assert node.room is not None
            known = node.room.presence.has(client.client_id)
            assert known or not client.has_presence, f"node {node.number} does not see client {client.number}"
