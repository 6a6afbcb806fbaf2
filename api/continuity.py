"""Routes of continuity: the sheet of a scene, and what does not go together in a story."""

from starlette.responses import Response

from api.call import Call, reply
from api.continuity_schemas import (
    BeforeOut,
    ConflictOut,
    ContinuityOut,
    ContinuityQuery,
    FactOut,
    PersonOut,
    PropOut,
    SceneDayOut,
    SheetOut,
    ThingOut,
)
from api.operation import Operation
from services.continuity.facts import Conflict, Fact, SceneState
from services.continuity.sheet import Before, PersonOnSheet, Sheet
from services.scenes.story import Thing
from sync import ids


async def sheet(call: Call) -> Response:
    found = await call.state.continuity.sheet(call.actor, call.id("prj", "project"), call.text("scene"))
    return reply(sheet_out(found))


async def story(call: Call) -> Response:
    asked = call.query(ContinuityQuery)
    episode_id = None if asked.episode is None else ids.from_text("epi", asked.episode)
    told = await call.state.continuity.of_episode(call.actor, call.id("prj", "project"), episode_id)
    return reply(
        ContinuityOut(
            epoch=told.story.epoch,
            seq=told.story.seq,
            scenes=[_day(state) for state in told.states],
            conflicts=[conflict_out(conflict) for conflict in told.conflicts],
        )
    )


def sheet_out(found: Sheet) -> SheetOut:
    state = found.state
    return SheetOut(
        scene=state.scene,
        epoch=found.epoch,
        seq=found.seq,
        day=state.day,
        aside=state.aside,
        interior=state.interior,
        place=_fact(state.place),
        place_described=_thing(found.place),
        place_seen_in=found.place_seen_in or None,
        time=_fact(state.time),
        weather=_fact(state.weather),
        people=[_person(person) for person in found.people],
        props=[PropOut(prop=_described(prop), fact=_said(fact)) for prop, fact in found.props],
        before=None if found.before is None else _before(found.before),
        conflicts=[conflict_out(conflict) for conflict in found.conflicts],
    )


def _person(found: PersonOnSheet) -> PersonOut:
    person, known = found.person, found.known
    return PersonOut(
        name=person.name,
        character=person.character or None,
        on_screen=person.on_screen,
        speaks=person.speaks,
        position=person.position,
        emotion=person.emotion,
        appearance={} if known is None else dict(known.appearance),
        images=[] if known is None else list(known.images),
        voice=None if known is None else known.voice,
        look=_thing(found.look),
        look_from=found.look_from or None,
        clothes=_fact(found.clothes),
        seen_in=found.seen_in or None,
        facts=[_said(fact) for fact in person.facts],
    )


def _before(found: Before) -> BeforeOut:
    return BeforeOut(
        scene=found.scene,
        called=found.called,
        take=found.take or None,
        thumb=found.thumb or None,
        follows=found.follows,
        last_frame=found.last_frame,
        place=_fact(found.place),
        time=_fact(found.time),
        weather=_fact(found.weather),
    )


def _day(state: SceneState) -> SceneDayOut:
    return SceneDayOut(
        scene=state.scene,
        day=state.day,
        aside=state.aside,
        place=None if state.place is None else state.place.value,
        time=state.hour,
        weather=state.sky,
        people=[person.name for person in state.people if person.on_screen],
    )


def conflict_out(found: Conflict) -> ConflictOut:
    return ConflictOut(
        code=found.code,
        severity=found.severity,
        scene=found.scene,
        other=found.other,
        subject=found.subject,
        text=found.text,
        facts=[_said(fact) for fact in found.facts],
    )


def _fact(fact: Fact | None) -> FactOut | None:
    return None if fact is None else _said(fact)


def _said(fact: Fact) -> FactOut:
    return FactOut(value=fact.value, scene=fact.scene, source=fact.source, quote=fact.quote)


def _thing(thing: Thing | None) -> ThingOut | None:
    return None if thing is None else _described(thing)


def _described(thing: Thing) -> ThingOut:
    return ThingOut(id=thing.id, name=thing.name, text=thing.text, reference=thing.reference)


OPERATIONS = (
    Operation(
        "GET",
        "/v1/projects/{project}/scenes/{scene}/continuity",
        sheet,
        "continuity",
        "Who, where, when and in what weather a scene is, what went before, and what does not fit",
        answer=SheetOut,
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/v1/projects/{project}/continuity",
        story,
        "continuity",
        "The story day by day, and what does not go together",
        query=ContinuityQuery,
        answer=ContinuityOut,
        refusals=(404,),
    ),
)
