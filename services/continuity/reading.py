"""A scene of the storyboard as a state: who, where, when, in what weather, with which things; pure.

The heading counts before the prompt, and what people put into the cast before both.
"""

import re
from collections.abc import Iterator, Mapping

from services.continuity.facts import Fact, Person, SceneState, Source
from services.continuity.people import Names
from services.continuity.vocabulary import (
    ASIDE,
    BREAKS,
    DIES,
    LEAVES,
    NEGATION,
    RETURNS,
    SAME_TIME,
    SENTENCE,
    TIME_PASSES,
    TIMES,
    WEARS,
    WEATHERS,
    Value,
    named,
)
from services.documents.storable import text
from services.scenes.story import CastMember, Story, StoryScene, Thing

QUOTE_CHARS_MAX = 120
_NEGATION_CHARS = 24
"""How far before a verb a word that takes it back may stand."""


def state_of(scene: StoryScene, story: Story, names: Names) -> SceneState:
    """By itself: what is carried from scene to scene is in `order`."""
    slug = scene.view.slug
    heading = text(slug.get("tod"))
    prompt = text(scene.view.prompt)
    reader = _Prompt(scene.id, prompt, names)
    return SceneState(
        scene=scene.id,
        called=scene.called,
        people=tuple(_people(scene, names, reader)),
        place=_place(scene, story),
        interior=_interior(text(slug.get("ie"))),
        time=_first(TIMES, scene.id, heading, prompt),
        weather=_first(WEATHERS, scene.id, heading, prompt),
        props=tuple(_props(scene.id, prompt, story.props)),
        follows=scene.continues in ("take_last_frame", "scene") or SAME_TIME.search(heading) is not None,
        passes=TIME_PASSES.search(f"{heading}. {prompt}") is not None,
        aside=ASIDE.search(f"{heading}. {scene.view.title}. {prompt}") is not None,
        left=tuple(reader.doing(LEAVES)),
        died=tuple(reader.doing(DIES)),
        returned=tuple(reader.doing(RETURNS)),
        broken=tuple(_broken(scene.id, prompt, story.props)),
    )


class _Prompt:
    """Sentences with the characters that they name."""

    def __init__(self, scene: str, prompt: str, names: Names) -> None:
        self._scene = scene
        self._sentences = [match.group(0).strip() for match in SENTENCE.finditer(prompt)]
        self._named = [[(at, who) for at, who, _, _ in names.mentions(sentence)] for sentence in self._sentences]

    def doing(self, verbs: re.Pattern[str]) -> Iterator[tuple[str, Fact]]:
        """Who is said to do it: the name nearest before the verb, in its sentence."""
        for who, found, sentence in self._with(verbs):
            if not NEGATION.search(sentence[max(0, found.start() - _NEGATION_CHARS) : found.start()]):
                yield who, Fact(found.group(0).lower(), self._scene, Source.PROMPT, _quoted(sentence))

    def clothes(self) -> dict[str, Fact]:
        """By who wears them."""
        return {
            who: Fact(found.group(1).lower(), self._scene, Source.PROMPT, _quoted(sentence))
            for who, found, sentence in self._with(WEARS)
        }

    def _with(self, pattern: re.Pattern[str]) -> Iterator[tuple[str, re.Match[str], str]]:
        for sentence, people in zip(self._sentences, self._named, strict=True):
            for found in pattern.finditer(sentence):
                before = [who for at, who in people if at < found.start()]
                if before:
                    yield before[-1], found, sentence


def _people(scene: StoryScene, names: Names, reader: _Prompt) -> Iterator[Person]:
    """Those of the cast, then those who speak, then those who are named."""
    facts: dict[str, list[Fact]] = {}
    called: dict[str, str] = {}
    seen: set[str] = set()
    speaking: set[str] = set()
    cast: dict[str, CastMember] = {}
    for member in scene.cast:
        known = names.characters.get(member.character)
        called[member.character] = member.character if known is None else known.name
        facts.setdefault(member.character, []).append(Fact(called[member.character], scene.id, Source.CAST))
        cast[member.character] = member
        seen.add(member.character)
    for line in scene.view.dlg:
        character, name, visible = names.of_speaker(text(line.get("c")))
        if not name:
            continue
        key = character or name.casefold()
        called.setdefault(key, names.characters[character].name if character else name)
        facts.setdefault(key, []).append(Fact(name, scene.id, Source.DIALOGUE, _quoted(text(line.get("txt")))))
        speaking.add(key)
        if visible:
            seen.add(key)
    for _, character, words, by_mark in names.mentions(text(scene.view.prompt)):
        called.setdefault(character, names.characters[character].name)
        source = Source.MENTION if by_mark else Source.PROMPT
        facts.setdefault(character, []).append(Fact(words, scene.id, source))
        seen.add(character)
    clothes = reader.clothes()
    for key, told in facts.items():
        member = cast.get(key, CastMember(key, "", "", ""))
        yield Person(
            key=key,
            name=called[key],
            character=key if key in names.characters else "",
            on_screen=key in seen,
            speaks=key in speaking,
            look=member.look,
            position=member.position,
            emotion=member.emotion,
            facts=tuple(told),
            clothes=clothes.get(key),
        )


def _place(scene: StoryScene, story: Story) -> Fact | None:
    said = text(scene.view.slug.get("loc")).strip()
    if said:
        return Fact(said, scene.id, Source.HEADING, said)
    for thing in story.places.values():
        if thing.name and (found := _word(thing.name).search(text(scene.view.prompt))):
            return Fact(thing.name, scene.id, Source.PROMPT, found.group(0))
    return None


def _interior(said: str) -> bool | None:
    """None: both, or nobody knows."""
    word = said.strip().upper()
    return True if word.startswith("INT") and "EXT" not in word else False if word.startswith("EXT") else None


def _first(words: Mapping[Value, str], scene: str, heading: str, prompt: str) -> Fact | None:
    for source, told in ((Source.HEADING, heading), (Source.PROMPT, prompt)):
        if found := named(words, told):
            return Fact(found[0].value, scene, source, _quoted(told))
    return None


def _props(scene: str, prompt: str, props: Mapping[str, Thing]) -> Iterator[tuple[str, Fact]]:
    for key, thing in props.items():
        if thing.name and (found := _word(thing.name).search(prompt)):
            yield key, Fact(thing.name, scene, Source.PROMPT, found.group(0))


def _broken(scene: str, prompt: str, props: Mapping[str, Thing]) -> Iterator[tuple[str, Fact]]:
    for sentence in (match.group(0).strip() for match in SENTENCE.finditer(prompt)):
        for key, thing in props.items():
            there = _word(thing.name).search(sentence) if thing.name else None
            verb = None if there is None else BREAKS.search(sentence, there.end())
            if verb and there and not NEGATION.search(sentence[there.end() : verb.start()]):
                yield key, Fact(verb.group(0).lower(), scene, Source.PROMPT, _quoted(sentence))


def _word(name: str) -> re.Pattern[str]:
    """The name as a word of its own, also in the plural."""
    return re.compile(rf"\b{re.escape(name.strip())}(?:e?s)?\b", re.IGNORECASE)


def _quoted(told: str) -> str:
    plain = " ".join(told.split())
    return plain if len(plain) <= QUOTE_CHARS_MAX else f"{plain[: QUOTE_CHARS_MAX - 1]}…"
