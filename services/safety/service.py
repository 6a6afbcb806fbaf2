"""Judging what is asked for and what came out, and what people say against a verdict: the use cases.

Every verdict is a row, those that allow too. Whoever starts or drives a run calls this before a provider is paid.
"""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal
from uuid import UUID

import asyncpg

from services.generation.request import digest
from services.projects.model import Entropy, time_ordered
from services.projects.settings import Safety, from_json
from services.safety.errors import AppealDecided, AppealMade, NoSuchVerdict, NothingToAppeal, PromptRefused
from services.safety.judges import PictureJudge, WordsJudge, judged_frames, judged_words
from services.safety.model import Judgement, Opinion, Outcome, Passage, Subject, opinion_to_json, reasons_of
from services.safety.policy import Policy
from services.users import audit
from services.users.access import access_project, access_whole_project, require
from services.users.audit import Action
from services.users.errors import Missing
from services.users.model import Actor, Need
from services.users.operators import require_operator
from storage.postgres import Within, store_away
from storage.tables import projects
from storage.tables import verdicts as rows
from storage.tables.verdicts import NewVerdict, VerdictRow

PAGE_MAX = 100
WORDS_CHARS_MAX = 2_000
"""Of an appeal, and of the note of whoever decides. Error: the door's, `field.invalid`."""

Decision = Literal["upheld", "overturned"]


@dataclass(frozen=True, slots=True)
class Asked:
    """In which project, by whom, for which run (None before there is one). `now`: seconds since 1970."""

    project_id: UUID
    user_id: UUID
    now: float
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """As it is recorded under `id`."""

    id: UUID
    judgement: Judgement

    @property
    def outcome(self) -> Outcome:
        return self.judgement.outcome


class Moderation:
    """`second`: asked about words where there is one; `pictures`: all are asked about frames. `entropy(n)`: n bytes."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        policy: Policy,
        second: WordsJudge | None = None,
        pictures: Sequence[PictureJudge] = (),
        entropy: Entropy = secrets.token_bytes,
    ) -> None:
        self._pool = pool
        self._policy = policy
        self._second = second
        self._pictures = pictures
        self._entropy = entropy

    # -- judging -----------------------------------------------------------------------------------

    async def prompt(self, asked: Asked, passages: Sequence[Passage]) -> Verdict:
        """Before anybody is paid. Raises `PromptRefused` behind the recorded verdict, `StoreAway`."""
        judged = digest([asdict(passage) for passage in passages])
        safety = await self._safety(asked.project_id)
        judgement = await self._pardon(asked, Subject.PROMPT, judged)
        if judgement is None:
            judgement = await judged_words(passages, safety, self._policy, self._second)
        verdict = await self._record(asked, Subject.PROMPT, judged, None, safety, judgement)
        if verdict.outcome is Outcome.REFUSED:
            refused = judgement.with_outcome(Outcome.REFUSED)
            raise PromptRefused(verdict.id, sorted({finding.category for finding in refused}), reasons_of(judgement))
        return verdict

    async def output(self, asked: Asked, media: str, frames: Sequence[bytes]) -> Verdict:
        """`media`: the hash of what is judged, which the store knows; `frames`: JPEGs of it. Raises `StoreAway`.

        A refused output is answered like any other: it stays, and `may_see` says who sees it.
        """
        safety = await self._safety(asked.project_id)
        judgement = await self._pardon(asked, Subject.OUTPUT, media)
        if judgement is None:
            judgement = await judged_frames(frames, safety, self._policy, self._pictures)
        return await self._record(asked, Subject.OUTPUT, media, media, safety, judgement)

    async def _safety(self, project_id: UUID) -> Safety:
        with store_away():
            stored, _ = await projects.settings(self._pool, project_id)
        return from_json(stored).safety

    async def _pardon(self, asked: Asked, subject: Subject, judged: str) -> Judgement | None:
        """What an operator has decided on the very same thing in this project counts; a word more is another thing."""
        with store_away():
            pardoned = await rows.overturned(self._pool, asked.project_id, subject.value, judged)
        return None if pardoned is None else Judgement((Opinion("appeal", str(pardoned)),))

    async def _record(
        self, asked: Asked, subject: Subject, judged: str, media: str | None, safety: Safety, judgement: Judgement
    ) -> Verdict:
        verdict = Verdict(time_ordered(asked.now, self._entropy), judgement)
        row = NewVerdict(
            id=verdict.id,
            project_id=asked.project_id,
            asked_by=asked.user_id,
            subject=subject.value,
            digest=judged,
            media=media,
            run_id=asked.run_id,
            safety=safety.value,
            policy=self._policy.version,
            outcome=verdict.outcome.value,
            opinions=[opinion_to_json(opinion) for opinion in judgement.opinions],
        )
        with store_away():
            await rows.add_verdict(self._pool, row)
        return verdict

    # -- people ------------------------------------------------------------------------------------

    async def of_project(
        self, actor: Actor, project_id: UUID, outcome: Outcome | None, before: UUID | None, limit: int
    ) -> list[VerdictRow]:
        """Newest first, older than `before`; for whoever may edit. Raises `NoSuchProject`, `Forbidden`."""
        access = await access_whole_project(self._pool, actor, project_id, Need.VIEW)
        require(access.standing, Need.EDIT)
        wanted = None if outcome is None else outcome.value
        return await rows.verdicts_of_project(self._pool, project_id, wanted, before, min(limit, PAGE_MAX))

    async def get(self, actor: Actor, verdict_id: UUID) -> VerdictRow:
        """For whoever may edit, and for whoever asked. Raises `NoSuchVerdict`, `Forbidden`."""
        row = await rows.verdict_of_id(self._pool, verdict_id)
        if row is None:
            raise NoSuchVerdict()
        try:
            access = await access_project(self._pool, actor, row.verdict.project_id, Need.VIEW)
        except Missing as error:
            raise NoSuchVerdict() from error
        if row.verdict.asked_by != actor.user_id:
            require(access.standing, Need.EDIT)
        return row

    async def appeal(
        self, actor: Actor, verdict_id: UUID, words: str, within: Within[VerdictRow] | None = None
    ) -> VerdictRow:
        """Raises `NoSuchVerdict`, `Forbidden`, `NothingToAppeal`, `AppealMade`, `ProjectArchived`."""
        row = await self.get(actor, verdict_id)
        await access_project(self._pool, actor, row.verdict.project_id, Need.EDIT)
        if row.verdict.outcome == Outcome.ALLOWED:
            raise NothingToAppeal()
        async with self._pool.acquire() as connection, connection.transaction():
            if not await rows.add_appeal(connection, verdict_id, row.verdict.project_id, actor.user_id, words):
                raise AppealMade()
            await audit.record(
                connection,
                Action.APPEAL_MADE,
                actor_id=actor.user_id,
                project_id=row.verdict.project_id,
                verdict=str(verdict_id),
            )
            made = await rows.verdict_of_id(connection, verdict_id)
            assert made is not None
            if within is not None:
                await within(connection, made)
        return made

    # -- operators ---------------------------------------------------------------------------------

    async def open_appeals(
        self, operators: frozenset[UUID], actor: Actor, behind: UUID | None, limit: int
    ) -> list[VerdictRow]:
        """Of the whole studio, the oldest first. Raises `NotAnOperator`."""
        require_operator(operators, actor)
        return await rows.open_appeals(self._pool, behind, min(limit, PAGE_MAX))

    async def decide(
        self,
        operators: frozenset[UUID],
        actor: Actor,
        verdict_id: UUID,
        decision: Decision,
        note: str,
        within: Within[VerdictRow] | None = None,
    ) -> VerdictRow:
        """Once. From an overturned verdict on, the same thing is allowed in its project.

        Raises `NotAnOperator`, `AppealDecided`.
        """
        require_operator(operators, actor)
        async with self._pool.acquire() as connection, connection.transaction():
            if not await rows.decide(connection, verdict_id, decision, actor.user_id, note):
                raise AppealDecided()
            decided = await rows.verdict_of_id(connection, verdict_id)
            assert decided is not None and decided.appeal is not None
            await audit.record(
                connection,
                Action.APPEAL_DECIDED,
                actor_id=actor.user_id,
                user_id=decided.appeal.made_by,
                project_id=decided.verdict.project_id,
                verdict=str(verdict_id),
                decision=decision,
            )
            if within is not None:
                await within(connection, decided)
        return decided
