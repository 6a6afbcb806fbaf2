"""Replicas of one storyboard that are edited apart and together, by seed: do all end with the same story?

Every gesture is made on what its own replica shows. Deliveries are partial, and keep each author's own order.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

from pycrdt import Doc, Map

from sync.errors import SyncError
from sync.order_keys import has_room
from sync.registers import entities
from sync.repair import write
from sync.storyboard.content import OUTLINE, PARENTS, ROOTS, TEXTS, content_of
from sync.storyboard.gestures import Storyboard
from sync.storyboard.resolve import Resolved, resolve, view
from sync.storyboard.server import TakeEntry, write_take
from sync.timeline.resolve import canonical
from sync.undo import Undo
from tests.simulation.documents import MARK, STEPS, Outcome, Wrong, meet
from tests.simulation.mixes import Mix
from tests.simulation.strangers import scribble_storyboard

ADDED = {"act": "acts", "sequence": "seqs", "scene": "scenes", "shot": "shots", "beat": "beats"}
LISTED = {"environment": "env", "prop": "props", "look": "looks"}
NAMES = {"act": "title", "sequence": "title", "scene": "title", "shot": "audio", "beat": "name"}
WORDS = ("fog", "a lamp", "her hands", "🎬 take", "naïve", "")


def play(number: int) -> Outcome:
    """Raises `Wrong`."""
    rng = Random(number)
    docs = _replicas(rng)
    gestures: Counter[str] = Counter()
    mix = Mix(number, docs, rng, scribble_storyboard, lambda doc: Undo(doc, ROOTS, lambda: MARK, TEXTS))
    for step in range(STEPS):
        who = rng.randrange(len(docs))
        if rng.random() < 0.15:
            other = rng.randrange(len(docs))
            docs[other].apply_update(docs[who].get_update(docs[other].get_state()))
        elif rng.random() < 0.05:
            write(docs[who], resolve(content_of(docs[who])).repairs)  # a server that repairs in between
        elif rng.random() < 0.05:
            take(docs[0], rng, step)
        else:
            gestures[mix.act(who, _gesture)] += 1
    meet(docs)
    return _judge(docs, gestures)


def board(rng: Random) -> Doc[Any]:
    """An act, a sequence, scenes with shots, and one of everything that is deleted."""
    first: Doc[Any] = Doc(client_id=1)
    hand = Storyboard(first, rng.randbytes)
    act = hand.add_act({"title": "One"})
    sequence = hand.add_sequence(parent=act)
    for parent in ("", act, sequence):
        scene = hand.add_scene({"prompt": "Fog.", "est_f": rng.randint(10, 90)}, parent)
        for _ in range(rng.randint(0, 3)):
            hand.add_shot({"dur_f": rng.randint(1, 30), "desc": "her hands"}, scene)
    for kind in ("act", "sequence", "beat", "environment", "prop", "look"):
        for name in ("gone", "there"):
            entity = getattr(hand, f"add_{kind}")({NAMES.get(kind, "name"): name})
            if name == "gone":
                getattr(hand, f"delete_{kind}")(entity)
    return first


def _replicas(rng: Random) -> list[Doc[Any]]:
    first = board(rng)
    docs = [first, *(Doc(client_id=2 + place) for place in range(rng.randint(2, 4)))]
    for doc in docs[1:]:
        doc.apply_update(first.get_update())
    return docs


def take(doc: Doc[Any], rng: Random, step: int) -> None:
    """The server has made one."""
    scenes = [node.id for node in resolve(content_of(doc)).scenes()]
    if scenes:
        made = TakeEntry(f"tak_{step:02}", rng.choice(scenes), "run", step + 1, "ab" * 32, "cd" * 32, (24, 1), 9, 8, 6)
        with doc.transaction():
            write_take(doc, made)


# Gestures ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Person:
    """What somebody sees of a replica, from which the next gesture is chosen. `pick`: an id, or one that is none."""

    hand: Storyboard
    rng: Random
    ids: Mapping[str, list[str]]
    gone: Mapping[str, list[str]]
    takes: list[str]

    def pick(self, *roots: str) -> str:
        found = [entity for root in roots for entity in self.ids[root]]
        return self.rng.choice(found) if found else "none"

    def parent(self, root: str) -> str:
        found = [entity for above in PARENTS[root] for entity in self.ids[above]]
        return self.rng.choice(["", *found]) if root != "shots" else self.pick("scenes")

    def before(self, root: str) -> str | None:
        roots = OUTLINE if root in OUTLINE else (root,)
        found = [entity for each in roots for entity in self.ids[each]]
        return None if not found or self.rng.random() < 0.4 else self.rng.choice(found)

    def registers(self, kind: str) -> dict[str, Any]:
        text = self.rng.choice(WORDS)
        if kind == "scene":
            lines = [{"c": "ANA", "txt": text}] * self.rng.randint(0, 3)
            return self.rng.choice(({"prompt": text}, {"title": text}, {"dlg": lines}, {"est_f": 50}, {"slug": None}))
        if kind == "shot":
            return self.rng.choice(({"desc": text}, {"dur_f": 12}, {"dlg_ref": self.rng.randint(0, 2)}))
        return {NAMES.get(kind, "name"): text}


Act = Callable[[Person, str | None], list[Any]]
"""The arguments of a gesture. The text is the id of what it makes, where it makes something."""


def _acts() -> Iterator[tuple[str, Act]]:
    yield "duplicate_scene", lambda one, new: [one.pick("scenes"), new]
    yield "split_scene", lambda one, _: list(_shot_of(one))
    yield "merge_scenes", lambda one, _: [one.pick("scenes"), one.pick("scenes")]
    yield "choose_take", lambda one, _: list(_take_of(one))
    yield "pin_take", lambda one, _: list(_take_of(one))
    yield "unpin_take", lambda one, _: list(_pinned(one))
    for kind, root in {**ADDED, **LISTED}.items():
        yield from _acts_of(kind, root)


def _acts_of(kind: str, root: str) -> Iterator[tuple[str, Act]]:
    """What every kind of entity has."""

    def place(one: Person) -> list[Any]:
        return [one.parent(root), one.before(root)] if PARENTS[root] else [one.before(root)]

    yield f"add_{kind}", lambda one, new: [one.registers(kind), *place(one), new]
    yield f"edit_{kind}", lambda one, _: [one.pick(root), one.registers(kind)]
    yield f"move_{kind}", lambda one, _: [one.pick(root), *place(one)]
    yield f"delete_{kind}", lambda one, _: [one.pick(root)]
    yield f"restore_{kind}", lambda one, _: [one.rng.choice(one.gone[root] or ["none"])]


def _shot_of(one: Person) -> tuple[str, str]:
    seen = one.hand.seen()
    scenes = [node for node in seen.scenes() if len(seen.within("shots", node)) > 1]
    if not scenes:
        return one.pick("scenes"), one.pick("shots")
    scene = one.rng.choice(scenes)
    return scene.id, one.rng.choice(seen.within("shots", scene)).id


def _take_of(one: Person) -> tuple[str, str]:
    takes = one.hand.doc.get("takes", type=Map)
    if not one.takes or one.rng.random() < 0.1:
        return one.pick("scenes"), "none"
    take = one.rng.choice(one.takes)
    return str(takes[take]["scn"]), take


def _pinned(one: Person) -> tuple[str, str]:
    scenes = one.hand.doc.get("scenes", type=Map)
    pinned = [(scene, take) for scene in one.ids["scenes"] for take in sorted(scenes[scene].get("pin") or {})]
    return one.rng.choice(pinned) if pinned else (one.pick("scenes"), "none")


ACTS = dict(_acts())
WEIGHTS = [
    {"scene": 3.0, "scenes": 3.0, "shot": 2.0}.get(name.partition("_")[2], 1.0)
    * {"add": 2.0, "delete": 0.5, "restore": 0.5}.get(name.partition("_")[0], 1.0)
    for name in ACTS
]


def person(doc: Doc[Any], rng: Random, *, collides: bool = True) -> Person:
    """`collides`: of order keys many fall together."""
    content = content_of(doc)
    tree = resolve(content).tree

    def entropy(size: int) -> bytes:
        return rng.randbytes(size) if size > 2 or not collides or rng.random() < 0.5 else bytes(size)

    ids: dict[str, list[str]] = {root: [] for root in PARENTS}
    gone: dict[str, list[str]] = {root: [] for root in PARENTS}
    for node in sorted(tree.nodes.values(), key=lambda node: node.key):
        (ids if tree.is_seen(node) else gone)[node.root].append(node.id)
    return Person(Storyboard(doc, entropy, "usr_x", 1), rng, ids, gone, sorted(content["takes"]))


def _gesture(doc: Doc[Any], rng: Random) -> str:
    """The name of what was done, with a question mark where it could not be."""
    (name,) = rng.choices(list(ACTS), WEIGHTS)
    try:
        one = person(doc, rng)
        getattr(one.hand, name)(*ACTS[name](one, None))
    except SyncError:
        return f"{name}?"
    return name


# The judgement -------------------------------------------------------------------------------------------


def said(content: Mapping[str, Any], resolved: Resolved) -> str:
    """View and repairs in their one form."""
    return canonical({"view": view(content, resolved), "repairs": [list(repair) for repair in resolved.repairs]})


def _judge(docs: list[Doc[Any]], gestures: Counter[str]) -> Outcome:
    contents = [content_of(doc) for doc in docs]
    if any(canonical(content) != canonical(contents[0]) for content in contents):
        raise Wrong("the replicas hold different content")
    story = resolve(contents[0])
    check(contents[0], story)
    write(docs[0], story.repairs)
    late: Doc[Any] = Doc()
    late.apply_update(docs[0].get_update())
    again = resolve(content_of(late))
    if again.repairs:
        raise Wrong(f"repaired, and still wanting: {again.repairs[:3]}")
    if canonical(view(content_of(late), again)) != canonical(view(contents[0], story)):
        raise Wrong("the story changes when it is repaired")
    return Outcome(contents[0], said(contents[0], story), gestures, Counter(repair.name for repair in story.repairs))


def check(content: Mapping[str, Any], story: Resolved) -> None:
    """The invariants of docs/storyboard.md. Raises `Wrong`."""
    seen = Counter(node.key for nodes in story.shown.values() for node in nodes)
    if any(times > 1 for times in seen.values()):
        raise Wrong(f"seen twice: {seen.most_common(3)}")
    for root in PARENTS:
        for entity, raw in entities(content, root).items():
            if root in OUTLINE and raw.get("del") is None and (root, entity) not in seen:
                raise Wrong(f"{entity} is alive and nowhere")
    walked = [node.key for node in story.story()]
    if sorted(walked) != sorted(key for key in seen if key[0] in OUTLINE):
        raise Wrong("the story leaves out what is seen, or shows what is not")
    for (_, holder), nodes in story.shown.items():
        if holder[0] and holder not in seen:
            raise Wrong(f"{nodes[0].id} is seen in what is not")
    keys = {(repair.root, repair.id): repair.value for repair in story.repairs if repair.key == "ord"}
    locked = {scene for scene, raw in entities(content, "scenes").items() if raw.get("lock") is not None}
    for node in story.tree.nodes.values():
        siblings = story.tree.siblings(node.root, story.tree.parent(node))
        if locked & {each.id if each.root == "scenes" else each.par for each in siblings}:
            continue  # what is locked stays as it is, and its siblings with it
        ords = [keys.get(each.key, each.ord) for each in siblings if each.ord]
        if not all(has_room(low, high) for low, high in pairwise(ords)):
            raise Wrong(f"nothing fits between siblings of {node.id}: {ords}")
