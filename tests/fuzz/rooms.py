"""A small room to judge updates in: one scene with a title and a prompt."""

from sync.index import Judgement, StructIndex
from sync.update import ANY, TYPE_MAP, TYPE_TEXT, parse
from tests.fuzz import wire


def room(*updates: bytes, root_type: int = TYPE_MAP) -> StructIndex:
    index = StructIndex(root_type=root_type)
    for update in updates:
        index.load(parse(update))
    return index


def places(judgement: Judgement) -> list[tuple[str, str | None, str | None, tuple[str | None, ...], str]]:
    return [(touch.root, touch.entity, touch.key, touch.deeper, touch.op) for touch in judgement.touches]


def scene(client: int = 5) -> bytes:
    """scenes.scn_1 with a title and the prompt 'hi 😀'; clocks 0 entity, 1 title, 2 prompt, 3 to 7 text."""
    return wire.update(
        {
            (client, 0): [
                wire.create(TYPE_MAP, parent="scenes", sub="scn_1"),
                wire.item(ANY, wire.values("Dawn"), parent=(client, 0), sub="title"),
                wire.create(TYPE_TEXT, parent=(client, 0), sub="prompt"),
                wire.text("hi 😀", parent=(client, 2)),
            ]
        }
    )
