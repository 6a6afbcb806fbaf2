"""How prompts are read, and that the gate lets nothing through that shows something else."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cache.gate import differences
from services.cache.prompts.reading import PROMPT_CHARS_MAX, read
from tests.bench.cache.labels import Pair, pairs
from tests.bench.cache.story import texts
from tests.bench.cache.workload import Stage, workload

NEAR = [pair for pair in pairs() if not pair.same]
SAME = [pair for pair in pairs() if pair.same]
WORD = re.compile(r"[\w'-]+")


def is_open(pair: Pair) -> bool:
    return not differences(read(pair.made), read(pair.asked))


@pytest.mark.parametrize("pair", NEAR, ids=lambda pair: f"{pair.kind}: {pair.asked}")
def test_no_near_miss_passes_the_gate(pair: Pair) -> None:
    assert not is_open(pair)


def test_most_of_what_means_the_same_passes() -> None:
    """60 % is what was promised; the halves are apart in docs/semantic-cache.md."""
    assert sum(map(is_open, SAME)) >= 0.6 * len(SAME)


def test_no_word_can_be_replaced_unseen() -> None:
    for prompt in sorted({pair.made for pair in SAME}):
        slots = read(prompt)
        for word in WORD.finditer(prompt):
            other = prompt[: word.start()] + "zorp" + prompt[word.end() :]
            assert differences(slots, read(other)), f"{word[0]} in {prompt}"


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        ("Mara shoots Elias.", "Elias shoots Mara."),
        ("Elias is shot by Mara.", "Mara is shot by Elias."),
        ("A man with a gun chases a woman.", "A man chases a woman with a gun."),
        ("A red car passes a blue truck.", "A blue car passes a red truck."),
        ("Two men carry three boxes.", "Three men carry two boxes."),
        ("A dog waits.", "Dogs wait."),
        ("Mara smiles.", "Mara does not smile."),
        ("A street with rain.", "A street without rain."),
        ("Slow dolly in.", "Dolly in."),
        ("Night.", "Early night."),
        ('She says "Yes".', 'She says "yes".'),
        ('Mara says "No."', 'Elias says "No."'),
        (
            "A boxer in white shorts hits a boxer in black shorts.",
            "A boxer in black shorts hits a boxer in white shorts.",
        ),
        ("35mm.", "35 fps."),
    ],
)
def test_what_differs_is_seen(made: str, asked: str) -> None:
    assert differences(read(made), read(asked))


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        ("Elias is followed by Mara.", "Mara follows Elias."),
        ("In an alley, Mara waits.", "Mara waits in an alley."),
        ("Mara, wearing a red coat, runs.", "Mara in a red coat runs."),
        ("The boy gives the girl a key.", "The boy gives a key to the girl."),
        ("Carrying a lamp, Mara climbs a hill.", "Mara, carrying a lamp, climbs a hill."),
        ("CU, 35 mm, dolly in.", "Close-up, 35mm, push in."),
        ("Three seconds.", "3 s"),
        ("An old wooden table.", "A wooden old table."),
        ("A boy’s map.", "A boy's map."),
    ],
)
def test_what_means_the_same_reads_the_same(made: str, asked: str) -> None:
    assert differences(read(made), read(asked)) == ()


def test_a_difference_says_where_it_is() -> None:
    found = differences(read("A red kite, dolly in."), read("A blue kite, dolly out."))
    assert {(one.slot, one.made, one.asked) for one in found} == {
        ("move", ("push-in",), ("pull-out",)),
        ("subjects", ("kite(red)",), ("kite(blue)",)),
    }


def test_shots_of_the_workload_that_differ_in_a_fact_never_read_the_same() -> None:
    seen: dict[str, object] = {}
    for ask in workload(4_000).asks:
        if ask.stage is Stage.CLIP:
            slots = repr(read(ask.prompt))
            assert seen.setdefault(slots, ask.meaning) == ask.meaning, ask.prompt


def test_a_prompt_that_is_too_long_is_like_no_other() -> None:
    long = "a red kite. " * PROMPT_CHARS_MAX
    assert differences(read(long), read(long + " ")) != ()


VOCABULARY = sorted({word.lower() for pair in pairs() for word in re.findall(r"[\w'-]+|[.,:;]", pair.made)})


@settings(max_examples=400, deadline=1_000)
@given(st.lists(st.sampled_from(VOCABULARY), max_size=60))
def test_any_row_of_words_can_be_read(row: list[str]) -> None:
    assert read(" ".join(row)) == read(" ".join(row))


def test_what_describes_itself_ends() -> None:
    ring = read("The king of the land of the king. " * 20)
    assert all(len(value) < 400 for values in ring.values() for value in values)
    many = read(" ".join(f"The king with a lamp, the lamp of the king{n % 7}." for n in range(80)))
    assert sum(len(value) for values in many.values() for value in values) < 100_000


@pytest.mark.parametrize(
    "odd", ["", "   ", "\x00", '"', "“", "¿?", "...", "'s", "no no not by by lit", "日本の夜", "a " * 1900, "\x001"]
)
def test_any_text_can_be_read(odd: str) -> None:
    assert read(odd) == read(odd)


def test_the_facts_of_a_shot_read_the_same_in_most_ways_of_writing_them() -> None:
    shots = {ask.meaning: ask for ask in workload(4_000).asks if ask.stage is Stage.CLIP}
    readings = [[read(text) for text in texts(meaning[1])] for meaning in shots]  # type: ignore[arg-type]
    alike = sum(one == first for first, *others in readings for one in others)
    assert alike >= 0.9 * 3 * len(readings)
