"""Routes of formats, and of how a project's story fits one."""

from dataclasses import asdict

from starlette.responses import Response

from api.call import Call, reply
from api.format_schemas import (
    BeatFitOut,
    FitOut,
    FitQuery,
    FormatOut,
    FormatQuery,
    FormatsOut,
    NoteOut,
    SceneFitOut,
)
from api.operation import Operation
from services.formats.fitting import BeatFit, BeatState, Fit, SceneFit
from services.formats.model import Format
from services.formats.presets import FORMATS, format_of
from sync import ids


async def listed(call: Call) -> Response:
    return reply(FormatsOut(formats=[_format(format) for format in FORMATS.values()]))


async def get(call: Call) -> Response:
    return reply(_format(format_of(call.text("format"), call.query(FormatQuery).version)))


async def fit(call: Call) -> Response:
    asked = call.query(FitQuery)
    episode_id = None if asked.episode is None else ids.from_text("epi", asked.episode)
    found = await call.state.formats.fit(
        call.actor, call.id("prj", "project"), asked.format, asked.version, episode_id, asked.measure
    )
    return reply(_fit(found))


def _format(format: Format) -> FormatOut:
    return FormatOut.model_validate(asdict(format))


def _fit(found: Fit) -> FitOut:
    format = found.format
    return FitOut(
        format=format.id,
        version=format.version,
        measure=found.measure,
        seconds=found.seconds,
        whole_s=found.whole_s,
        missing=[each.beat.id for each in found.beats if each.state is BeatState.MISSING and each.beat.required],
        beats=[_beat(each, format) for each in found.beats],
        scenes=[_scene(each) for each in found.scenes],
        notes=[NoteOut(code=note.code, text=note.text, scene=note.scene) for note in found.notes],
    )


def _beat(found: BeatFit, format: Format) -> BeatFitOut:
    beat = found.beat
    return BeatFitOut(
        id=beat.id,
        name=beat.name,
        purpose=beat.purpose,
        own=beat not in format.beats,
        usual=(beat.start, beat.end),
        state=found.state,
        scenes=list(found.scenes),
        basis=found.basis,
        start=found.start,
        end=found.end,
        off=found.off,
        off_s=found.off_s,
        reason=found.reason,
    )


def _scene(found: SceneFit) -> SceneFitOut:
    return SceneFitOut(
        scene=found.piece.scene,
        start=found.start,
        end=found.end,
        seconds=found.piece.seconds,
        eighths=found.eighths,
        part=found.part,
        beats=list(found.beats),
        basis=found.basis,
    )


OPERATIONS = (
    Operation("GET", "/v1/formats", listed, "formats", "The shapes that stories come in", answer=FormatsOut),
    Operation(
        "GET",
        "/v1/formats/{format}",
        get,
        "formats",
        "One format",
        query=FormatQuery,
        answer=FormatOut,
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/v1/projects/{project}/fit",
        fit,
        "formats",
        "How the story fits a format: beats met, early, late and missing, and why",
        query=FitQuery,
        answer=FitOut,
        refusals=(404, 409),
    ),
)
