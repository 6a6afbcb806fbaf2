"""What scenes say, with its source; what carries over; what cannot be true together."""

from typing import Any

import pytest

from services.continuity.facts import Conflict, Severity, Source
from services.continuity.people import Known, Names
from services.continuity.sheet import Continuity, Sheet, continuity_of, sheet_of
from services.continuity.vocabulary import TIMES, WEATHERS, Time, Weather, named
from tests.unit.scenes.make import story

MARA = Known("chr_mara", "Mara Voss", {"hair": "red", "aliases": "the Keeper, Vee"}, ("a" * 64,), None)
JON = Known("chr_jon", "Jon", {}, (), "b" * 64)


def told(*scenes: dict[str, Any], **roots: Any) -> Continuity:
    return continuity_of(story({f"s{at}": scene for at, scene in enumerate(scenes, 1)}, **roots), [MARA, JON])


def scene(heading: str = "", prompt: str = "", **more: Any) -> dict[str, Any]:
    """`heading`: `EXT PIER - NIGHT`."""
    place, _, tod = heading.partition(" - ")
    ie, _, loc = place.partition(" ")
    return {"slug": {"ie": ie, "loc": loc, "tod": tod}, "prompt": prompt, **more}


def sheet(found: Continuity, at: int) -> Sheet:
    return sheet_of(found, found.story.scenes[at - 1])


def codes(found: Continuity) -> list[tuple[str, Severity, str, str]]:
    return [(each.code, each.severity, each.scene, each.other) for each in found.conflicts]


FOLLOWS = {"cont": {"from": "take_last_frame"}}

# Reading ------------------------------------------------------------------------------------------


def test_people_come_from_cast_dialogue_and_words_with_their_source() -> None:
    found = told(
        scene(
            "INT KITCHEN - DAY",
            "The Keeper looks at @Jon. A stranger waits.",
            cast={"chr_jon": {"pos": "left", "emo": "tired"}},
            dlg=[{"c": "MARA (V.O.)", "txt": "I was young."}, {"c": "COOK", "txt": "Soup!"}, {"c": " ", "txt": "x"}],
        )
    )
    people = {person.person.name: person for person in sheet(found, 1).people}
    assert list(people) == ["Jon", "Mara Voss", "COOK"]
    jon, mara, cook = people["Jon"], people["Mara Voss"], people["COOK"]
    assert [fact.source for fact in jon.person.facts] == [Source.CAST, Source.MENTION]
    assert (jon.person.position, jon.person.emotion, jon.known) == ("left", "tired", JON)
    assert [(fact.source, fact.value) for fact in mara.person.facts] == [
        (Source.DIALOGUE, "MARA"),
        (Source.PROMPT, "The Keeper"),
    ]
    assert mara.person.speaks and mara.known is not None and mara.known.images == ("a" * 64,)
    assert cook.known is None and cook.person.character == "" and cook.person.speaks


def test_a_voice_is_not_seen_unless_the_picture_names_it() -> None:
    found = told(scene("INT HALL - DAY", "An empty hall.", dlg=[{"c": "MARA (O.S.)", "txt": "Hello?"}]))
    assert [person.person.on_screen for person in sheet(found, 1).people] == [False]


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Mara's hand. VOSS turns.", ["chr_mara", "chr_mara"]),
        ("vee and the keeper", ["chr_mara"]),
        ("Marathon on the jonquil", []),
        ("JON, Jon and @jon", ["chr_jon", "chr_jon", "chr_jon"]),
    ],
)
def test_names_are_whole_words_with_a_capital(text: str, who: list[str]) -> None:
    assert [character for _, character, _, _ in Names([MARA, JON]).mentions(text)] == who


def test_a_name_that_two_share_is_nobodys() -> None:
    other = Known("chr_eva", "Eva Voss", {}, (), None)
    names = Names([MARA, other])
    assert [who for _, who, _, _ in names.mentions("Voss, Mara Voss, Eva")] == ["chr_mara", "chr_eva"]
    assert list(Names([]).mentions("Mara")) == []


def test_time_and_weather_are_read_from_words() -> None:
    assert named(TIMES, "NIGHT - RAIN") == [Time.NIGHT] and named(WEATHERS, "NIGHT - RAIN") == [Weather.RAIN]
    assert named(WEATHERS, "The rain has stopped. No snow. Sunny.") == [Weather.CLEAR]
    found = told(scene("EXT PIER - DUSK", "A storm in the midnight of his life."))
    state = found.states[0]
    assert (state.hour, state.sky, state.interior) == (Time.DUSK, Weather.STORM, False)
    assert state.time is not None and (state.time.source, state.time.quote) == (Source.HEADING, "DUSK")
    assert state.weather is not None and state.weather.source is Source.PROMPT


def test_place_props_and_looks_are_described_once() -> None:
    found = told(
        scene("INT LIGHTHOUSE STAIRS - NIGHT", "Mara lifts the lanterns.", cast={"chr_mara": {"look": "lk1"}}),
        scene("INT LIGHTHOUSE STAIRS - NIGHT", "Mara waits."),
        env={"e1": {"name": "Lighthouse", "txt": "White stone.", "ref": "ast_1"}, "e2": {"name": "Light"}},
        props={"p1": {"name": "lantern", "txt": "Brass."}, "p2": {"name": "map"}},
        looks={"lk1": {"char": "chr_mara", "name": "Raincoat", "txt": "Yellow, torn."}},
    )
    first, second = sheet(found, 1), sheet(found, 2)
    assert first.place is not None and (first.place.text, first.place.reference) == ("White stone.", "ast_1")
    assert [(thing.text, fact.quote) for thing, fact in first.props] == [("Brass.", "lanterns")]
    assert first.people[0].look is not None and first.people[0].look.text == "Yellow, torn."
    assert second.people[0].look is not None, "the same day, the same clothes"
    assert (second.people[0].look_from, second.people[0].seen_in, second.place_seen_in) == ("s1", "s1", "s1")
    assert (first.place_seen_in, first.before) == ("", None)


def test_the_scene_before_is_what_a_scene_goes_on_from() -> None:
    takes = {
        "t1": {"scn": "s1", "n": 1, "thumb": "c" * 64},
        "t2": {"scn": "s1", "n": 2, "thumb": "d" * 64},
        "t3": {"scn": "s2", "n": 1, "thumb": "e" * 64},
    }
    found = told(
        scene("EXT SEA - DUSK", "Rain.", cur="t1", title="Sea"),
        scene("INT BAR - NIGHT"),
        scene("EXT  - ", "", cont={"from": "scene", "scn": "s1"}),
        takes=takes,
    )
    second, third = sheet(found, 2).before, sheet(found, 3).before
    assert second is not None and third is not None
    assert (second.take, second.thumb, second.follows, second.last_frame) == ("t1", "c" * 64, False, False)
    assert (third.scene, third.called, third.last_frame) == ("s1", "Sea", True)


def test_what_no_time_has_passed_for_carries_over() -> None:
    found = told(scene("EXT SEA - DUSK", "Rain."), scene("", "They row on.", **FOLLOWS), scene("EXT SEA - NIGHT", ""))
    second, third = found.states[1], found.states[2]
    assert second.time is not None and (second.time.value, second.time.source, second.time.scene) == (
        "dusk",
        Source.CARRIED,
        "s1",
    )
    assert second.place is not None and second.place.value == "SEA"
    assert third.weather is not None and (third.weather.value, third.weather.source) == ("rain", Source.CARRIED)
    assert found.conflicts == []


# What does not go together ------------------------------------------------------------------------


def test_time_runs_backwards() -> None:
    found = told(scene("EXT PIER - NIGHT"), scene("EXT PIER - AFTERNOON", "", **FOLLOWS))
    assert codes(found) == [("time.backwards", Severity.ERROR, "s2", "s1")]
    conflict: Conflict = found.conflicts[0]
    assert [fact.scene for fact in conflict.facts] == ["s1", "s2"], "both say where they were said"
    assert conflict.text == "It goes on from scene 1, where it is night; here it is afternoon."
    found = told(scene("EXT PIER - MORNING"), scene("EXT PIER - NIGHT", "", **FOLLOWS))
    assert codes(found) == [("time.jump", Severity.WARNING, "s2", "s1")]
    found = told(scene("EXT PIER - DAY"), scene("EXT PIER - CONTINUOUS", "It is dawn."))
    assert [each.code for each in found.conflicts] == ["time.backwards"]


def test_a_new_day_is_a_note_unless_words_or_a_night_say_it() -> None:
    found = told(scene("EXT PIER - AFTERNOON"), scene("EXT SEA - MORNING"))
    assert codes(found) == [("time.new_day", Severity.NOTE, "s2", "s1")] and [s.day for s in found.states] == [1, 2]
    for second in (scene("EXT SEA - MORNING", "The next day."), scene("EXT SEA - NEXT MORNING")):
        found = told(scene("EXT PIER - AFTERNOON"), second)
        assert found.conflicts == [] and [state.day for state in found.states] == [1, 2]
    found = told(scene("EXT PIER - NIGHT"), scene("EXT SEA - DAWN"), scene("EXT SEA - DAY"))
    assert found.conflicts == [] and [state.day for state in found.states] == [1, 2, 2]


def test_weather_jumps() -> None:
    sunny, storm = "Sunny.", "A storm."
    assert codes(told(scene("EXT SEA - DAY", sunny), scene("EXT SEA - DAY", storm, **FOLLOWS))) == [
        ("weather.jump", Severity.ERROR, "s2", "s1")
    ]
    assert codes(told(scene("EXT SEA - DAY", sunny), scene("EXT SEA - AFTERNOON", storm))) == [
        ("weather.jump", Severity.WARNING, "s2", "s1")
    ]
    for fine in (
        [scene("EXT SEA - DAY", sunny), scene("INT BAR - DAY", storm)],
        [scene("EXT SEA - DAY", sunny), scene("EXT MOUNTAIN - NIGHT", storm)],
        [scene("EXT SEA - NIGHT", sunny), scene("EXT SEA - DAY", storm)],
        [scene("EXT SEA - DAY", sunny), scene("EXT SEA - DAY", "Clouds.")],
    ):
        assert told(*fine).conflicts == []


def test_a_character_who_left_is_there_again() -> None:
    leaves = scene("INT BAR - NIGHT", "Mara walks out. Jon stays.")
    assert codes(told(leaves, scene("INT BAR - NIGHT", "Mara drinks.", **FOLLOWS))) == [
        ("person.left", Severity.ERROR, "s2", "s1")
    ]
    assert codes(told(leaves, scene("INT BAR - NIGHT", "Mara drinks."))) == [
        ("person.left", Severity.WARNING, "s2", "s1")
    ]
    for fine in (
        scene("INT BAR - NIGHT", "Jon drinks."),
        scene("INT BAR - NIGHT", "Mara returns, wet."),
        scene("EXT STREET - NIGHT", "Mara waits."),
        scene("INT BAR - NIGHT", "Nobody.", dlg=[{"c": "MARA (O.S.)", "txt": "Jon!"}]),
    ):
        assert told(leaves, fine).conflicts == [], fine
    assert told(scene("INT BAR - NIGHT", "Mara never leaves."), scene("INT BAR - NIGHT", "Mara.")).conflicts == []
    back = told(leaves, scene("EXT STREET - NIGHT", "Mara."), scene("INT BAR - NIGHT", "Mara."))
    assert back.conflicts == [], "she had time to come back"


def test_the_dead_neither_speak_nor_walk_but_in_memories() -> None:
    dies = scene("EXT SEA - NIGHT", "Jon drowns.")
    speaks = scene("INT BAR - DAY", "", dlg=[{"c": "Jon", "txt": "Well."}])
    assert codes(told(dies, scene("INT HALL - DAY"), speaks)) == [("person.dead", Severity.ERROR, "s3", "s1")]
    assert codes(told(dies, scene("INT HALL - DAY", "Jon lies on a table."))) == [
        ("person.dead", Severity.WARNING, "s2", "s1")
    ]
    memory = {**speaks, "title": "Memory of summer"}
    assert told(dies, memory).conflicts == [] and told(dies, memory).states[1].aside


def test_clothes_stay_for_a_day() -> None:
    first = scene("INT BAR - DAY", "Mara in a yellow raincoat.", cast={"chr_mara": {"look": "l1"}})
    looks = {"l1": {"char": "chr_mara"}, "l2": {"char": "chr_mara"}, "l3": {"char": "chr_jon"}}
    other = scene("INT BAR - NIGHT", "Mara wears a red dress.", cast={"chr_mara": {"look": "l2"}})
    assert [each.code for each in told(first, other, looks=looks).conflicts] == ["wardrobe.look", "wardrobe.clothes"]
    assert told(first, scene("INT BAR - DAY", "Mara, in her raincoat."), looks=looks).conflicts == []
    assert told(first, {**other, "prompt": "The next day. Mara wears a red dress."}, looks=looks).conflicts == []
    wrong = [scene("INT BAR - DAY", cast={"chr_mara": {"look": look}, "chr_x": {}}) for look in ("l3", "l9")]
    assert [each.code for each in told(wrong[0], looks=looks).conflicts] == ["look.other", "person.unknown"]
    assert [each.code for each in told(wrong[1], looks=looks).conflicts] == ["look.unknown", "person.unknown"]


def test_what_is_broken_stays_broken() -> None:
    props = {"p1": {"name": "lamp"}, "p2": {"name": "boat"}}
    found = told(
        scene("INT BAR - DAY", "The lamp shatters. The boat almost sinks."),
        scene("INT BAR - NIGHT", "She lights the lamp by the boat."),
        props=props,
    )
    assert codes(found) == [("prop.broken", Severity.WARNING, "s2", "s1")]
    assert found.conflicts[0].text == "lamp shatters in scene 1, and is here again."


def test_an_empty_story_has_nothing() -> None:
    assert told().conflicts == [] and told(scene()).states[0].people == ()
