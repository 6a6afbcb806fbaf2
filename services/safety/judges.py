"""Who judges words and pictures: the seams, and the judge of words that is always there.

Models that judge are beside this (`claude.py`, `pictures.py`); each is one opinion among others.
"""

from collections.abc import Sequence
from typing import Protocol

from services.projects.settings import Safety
from services.safety.errors import JudgeFailed
from services.safety.model import Finding, Judgement, Opinion, Outcome, Passage
from services.safety.policy import Policy

NO_PICTURE_JUDGE = "Nothing that could judge pictures is installed."


class WordsJudge(Protocol):
    """Reads. `name` and `version` are kept with what it finds."""

    name: str
    version: str

    async def judge(self, passages: Sequence[Passage], safety: Safety, policy: Policy) -> tuple[Finding, ...]:
        """By the categories of the policy. Raises `JudgeFailed`."""


class PictureJudge(Protocol):
    """Looks."""

    name: str
    version: str

    async def judge(self, frames: Sequence[bytes], safety: Safety, policy: Policy) -> tuple[Finding, ...]:
        """`frames`: JPEGs in order. By the categories of the policy. Raises `JudgeFailed`."""


async def judged_words(
    passages: Sequence[Passage], safety: Safety, policy: Policy, second: WordsJudge | None
) -> Judgement:
    """The policy's rules first. A second judge is asked only where they do not refuse, and can make it only graver."""
    first = Opinion("policy", policy.version, policy.findings(passages, safety))
    alone = Judgement((first,))
    if second is None or alone.outcome is Outcome.REFUSED:
        return alone
    try:
        findings = await second.judge(passages, safety, policy)
    except JudgeFailed as error:
        return Judgement((first, Opinion(second.name, second.version, failed=str(error))))
    return Judgement((first, Opinion(second.name, second.version, findings)))


async def judged_frames(
    frames: Sequence[bytes], safety: Safety, policy: Policy, judges: Sequence[PictureJudge]
) -> Judgement:
    """By every judge. Without one nothing was judged, and the opinion says so."""
    if not judges:
        return Judgement((Opinion("none", "", failed=NO_PICTURE_JUDGE),))
    opinions = []
    for judge in judges:
        try:
            opinions.append(Opinion(judge.name, judge.version, await judge.judge(frames, safety, policy)))
        except JudgeFailed as error:
            opinions.append(Opinion(judge.name, judge.version, failed=str(error)))
    return Judgement(tuple(opinions))
