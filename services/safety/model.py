"""What is judged, by what, and how it came out; pure.

Not the rules (`policy.json`) and not who applies them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.generation.request import SceneRequest
from services.users.model import Need, Standing


class Outcome(StrEnum):
    """Graver comes later. A flagged thing goes on, and operators see it; a refused one goes no further."""

    ALLOWED = "allowed"
    FLAGGED = "flagged"
    REFUSED = "refused"


class Subject(StrEnum):
    """What is judged."""

    PROMPT = "prompt"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of what somebody has written. `where`: `prompt`, `title`, `lines.0`, `shots.2`; for people."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found where. `words`: the least that shows it, empty for pictures; `reason`: a sentence for people."""

    category: str
    outcome: Outcome
    where: str
    words: str
    reason: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """Of one judge. `failed`: why there is none; then there are no findings, and nothing follows from that."""

    judge: str
    version: str
    findings: tuple[Finding, ...] = ()
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of all judges together: the gravest finding counts, whoever found it."""

    opinions: tuple[Opinion, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for opinion in self.opinions for finding in opinion.findings)

    @property
    def outcome(self) -> Outcome:
        return gravest([finding.outcome for finding in self.findings])

    def with_outcome(self, outcome: Outcome) -> tuple[Finding, ...]:
        """Those that had it."""
        return tuple(finding for finding in self.findings if finding.outcome is outcome)


def reasons_of(judgement: Judgement) -> list[str]:
    """Why something is refused, each reason once, for people."""
    return list(dict.fromkeys(finding.reason for finding in judgement.with_outcome(Outcome.REFUSED)))


def gravest(outcomes: Sequence[Outcome]) -> Outcome:
    """Of none: allowed."""
    order = list(Outcome)
    return max(outcomes, key=order.index, default=Outcome.ALLOWED)


def may_see(outcome: Outcome, standing: Standing) -> bool:
    """Of an output: a refused one stays visible to those who may make another, and to nobody else."""
    return outcome is not Outcome.REFUSED or standing.may(Need.EDIT)


def passages_of(request: SceneRequest) -> tuple[Passage, ...]:
    """Everything that somebody has written into a request and that a provider or a voice will read."""
    found = [
        Passage("title", request.title),
        Passage("place", request.slug.place),
        Passage("prompt", request.prompt),
        *(Passage(f"lines.{index}", f"{line.character}: {line.text}") for index, line in enumerate(request.lines)),
        *([] if request.part is None else [Passage("part", request.part.words)]),
        *(Passage(f"shots.{index}", shot.description) for index, shot in enumerate(request.shots)),
    ]
    return tuple(passage for passage in found if passage.text.strip())


def opinion_to_json(opinion: Opinion) -> Mapping[str, object]:
    """As it is stored with its verdict."""
    return {
        "judge": opinion.judge,
        "version": opinion.version,
        "failed": opinion.failed,
        "findings": [
            {
                "category": finding.category,
                "outcome": finding.outcome.value,
                "where": finding.where,
                "words": finding.words,
                "reason": finding.reason,
                "rule": finding.rule,
            }
            for finding in opinion.findings
        ],
    }
