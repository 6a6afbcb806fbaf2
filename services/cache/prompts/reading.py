"""A prompt read into slots: the one function that the gate compares by; pure.

Slots are sets of short texts, so that a difference can be shown to whoever asks why.
"""

from collections.abc import Mapping

from services.cache.prompts.lexicon import FILLER, INDOORS
from services.cache.prompts.phrases import phrases
from services.cache.prompts.sentences import sentences
from services.cache.prompts.told import Clause, Told
from services.cache.prompts.words import STOPS, words

PROMPT_CHARS_MAX = 4_000
"""Longer ones are never compared: whoever asks gets a picture of his own. Error: none, the slot `unread`."""

FRAGMENTS_MAX = 2
"""Of more bare phrases, two of them of somebody (`Mara, red coat. Elias, blue coat.`), the order counts."""
_UNORDERED = FILLER | STOPS | {",", "a", "an", "the"}

Slots = Mapping[str, tuple[str, ...]]


def read(prompt: str) -> Slots:
    """slot -> what is said, sorted. Equal prompts in meaning should, different ones must not be equal."""
    if len(prompt) > PROMPT_CHARS_MAX:
        return {"unread": (prompt,)}
    given, quotes = words(prompt)
    left, said = phrases(given)
    told = sentences(left, quotes)
    slots = {slot: set(values) for slot, values in said.items()}
    if any(len(values) > 1 for values in slots.values()):
        slots["order"] = {" ".join(word.lemma for word in given if word.lemma not in _UNORDERED)}
    slots["quotes"] = set(quotes)
    slots["light"] = slots.get("light", set()) | {one.text() for one in told.entities if one.head == "light"}
    for slot, values in _told(told).items():
        slots[slot] = slots.get(slot, set()) | values
    if slots["place"] and all(entity.head in INDOORS for _, entity, _ in told.scene):
        slots.get("set", set()).discard("interior")  # a kitchen is one without saying so
    return {slot: tuple(sorted(values)) for slot, values in sorted(slots.items()) if values}


def _told(told: Told) -> dict[str, set[str]]:
    inside = {id(what) for entity in told.entities for _, what in entity.of}
    places = {id(entity): entity for _, entity, _ in told.scene}
    alone = len({entity.head for entity in places.values()}) == 1
    relations: set[str] = set()
    negations: set[str] = set()
    for clause in told.clauses:
        for text in _relations(clause):
            (negations if "not " in text else relations).add(text)
    if not alone:
        relations |= {f"{whose.text() if whose else '-'} {how} {entity.text()}" for how, entity, whose in told.scene}
    subjects = {
        entity.text()
        for entity in told.entities
        if id(entity) not in inside and id(entity) not in places and entity.head != "light"
        if entity.head != "camera" or entity.of
    }
    relations |= {f"{one.head} {how} {what.head}" for one in told.entities if id(one) in inside for how, what in one.of}
    told_of = {id(one) for clause in told.clauses for one in clause.subjects + clause.objects}
    told_of |= {id(what) for clause in told.clauses for _, what in clause.behind} | inside | set(places)
    bare = [one for one in told.entities if id(one) not in told_of and one.head not in ("light", "camera")]
    several = len(bare) > FRAGMENTS_MAX and sum(one.is_someone for one in bare) > 1
    return {
        "order": {"; ".join(one.text() for one in bare)} if several else set(),
        "place": {entity.text() for entity in places.values()},
        "subjects": subjects,
        "relations": relations,
        "negation": negations
        | {text for text in subjects if text.startswith(("nobody", "no ")) or "no" in text.split("(")},
    }


def _relations(clause: Clause) -> list[str]:
    done_by = " and ".join(sorted(one.text() for one in clause.subjects)) or "-"
    verb = " ".join([clause.verb, *sorted(clause.manner)])
    if clause.passive:
        plain = [f"- {verb} {done_by}"]
    else:
        plain = [f"{done_by} {verb} {what.text()}" for what in clause.objects] or [f"{done_by} {verb}"]
    return [*plain, *(f"{done_by} {verb} {how} {what.text()}" for how, what in clause.behind)]
