"""Routes of a project's seasons and episodes, and of its settings.

A movie or a short has one episode and no season, and shows them all the same.
"""

from uuid import UUID

from starlette.responses import Response

from api.call import Call, reply
from api.errors import HeaderInvalid
from api.operation import Header, Operation
from api.project_schemas import (
    EpisodeChange,
    EpisodeOut,
    NewEpisode,
    NewSeason,
    OutlineOut,
    OutlineQuery,
    SeasonChange,
    SeasonOut,
    SettingsIn,
    SettingsOut,
)
from api.projects import documents_of
from services.projects.episodes import SAME
from services.projects.model import AT_END, Episode, Place, Season
from services.projects.settings import ProjectSettings
from sync import ids

IF_MATCH = Header("If-Match", "The ETag of the settings that you have read.", 64)


async def outline(call: Call) -> Response:
    query = call.query(OutlineQuery)
    found = await call.state.episodes.outline(call.actor, call.id("prj", "project"), deleted=query.deleted)
    return reply(
        OutlineOut(
            seasons=[_season(season) for season in found.seasons],
            episodes=[_episode(episode) for episode in found.episodes],
        )
    )


async def add_episode(call: Call) -> Response:
    body, project_id = await call.body(NewEpisode), call.id("prj", "project")
    place = _place("epi", body.after) if "after" in body.model_fields_set else AT_END

    def made(episode: Episode) -> Response:
        answer = reply(_episode(episode), 201)
        answer.headers["Location"] = f"/v1/projects/{ids.to_text('prj', project_id)}/episodes"
        return answer

    episode = await call.state.episodes.add(
        call.actor, project_id, body.title, call.state.now(), _id("sea", body.season), place, call.keeping(made)
    )
    return made(episode)


async def change_episode(call: Call) -> Response:
    body = await call.body(EpisodeChange)
    given = body.model_fields_set
    episode = await call.state.episodes.change(
        call.actor,
        call.id("prj", "project"),
        call.id("epi", "episode"),
        body.title,
        _place("epi", body.after) if "after" in given else None,
        _id("sea", body.season) if "season" in given else SAME,
    )
    return reply(_episode(episode))


async def delete_episode(call: Call) -> Response:
    await call.state.episodes.delete(call.actor, call.id("prj", "project"), call.id("epi", "episode"))
    return Response(status_code=204)


async def restore_episode(call: Call) -> Response:
    episode = await call.state.episodes.restore(call.actor, call.id("prj", "project"), call.id("epi", "episode"))
    return reply(_episode(episode))


async def add_season(call: Call) -> Response:
    body, project_id = await call.body(NewSeason), call.id("prj", "project")
    place = _place("sea", body.after) if "after" in body.model_fields_set else AT_END
    season = await call.state.episodes.add_season(
        call.actor, project_id, body.title, call.state.now(), place, call.keeping(_season_made)
    )
    return _season_made(season)


def _season_made(season: Season) -> Response:
    return reply(_season(season), 201)


async def change_season(call: Call) -> Response:
    body = await call.body(SeasonChange)
    place = _place("sea", body.after) if "after" in body.model_fields_set else None
    season = await call.state.episodes.change_season(
        call.actor, call.id("prj", "project"), call.id("sea", "season"), body.title, place
    )
    return reply(_season(season))


async def remove_season(call: Call) -> Response:
    await call.state.episodes.remove_season(call.actor, call.id("prj", "project"), call.id("sea", "season"))
    return Response(status_code=204)


async def settings(call: Call) -> Response:
    return _settings(*await call.state.projects.settings(call.actor, call.id("prj", "project")))


async def change_settings(call: Call) -> Response:
    body = await call.body(SettingsIn)
    wanted = ProjectSettings(body.rate, body.width, body.height, body.aspect, body.language, body.safety)
    project_id, version = call.id("prj", "project"), _version(call)
    return _settings(*await call.state.projects.change_settings(call.actor, project_id, wanted, version))


def _version(call: Call) -> int | None:
    """Of If-Match. Raises `HeaderInvalid`."""
    given = call.request.headers.get("if-match")
    if given is None:
        return None
    number = given.strip().strip('"')
    if not (number.isascii() and number.isdecimal() and len(number) <= 9):
        raise HeaderInvalid("If-Match is the ETag of the settings that you have read.", field="If-Match")
    return int(number)


def _settings(settings: ProjectSettings, version: int) -> Response:
    answer = reply(
        SettingsOut(
            rate=settings.rate,
            width=settings.width,
            height=settings.height,
            aspect=settings.aspect,
            language=settings.language,
            safety=settings.safety,
        )
    )
    answer.headers["ETag"] = f'"{version}"'
    return answer


def _place(prefix: str, after: str | None) -> Place:
    return Place(first=True) if after is None else Place(ids.from_text(prefix, after))


def _id(prefix: str, text: str | None) -> UUID | None:
    return None if text is None else ids.from_text(prefix, text)


def _season(season: Season) -> SeasonOut:
    return SeasonOut(
        id=ids.to_text("sea", season.id),
        title=season.title,
        created_at=season.created_at,
        updated_at=season.updated_at,
    )


def _episode(episode: Episode) -> EpisodeOut:
    return EpisodeOut(
        id=ids.to_text("epi", episode.id),
        season=None if episode.season_id is None else ids.to_text("sea", episode.season_id),
        number=episode.number,
        title=episode.title,
        created_at=episode.created_at,
        updated_at=episode.updated_at,
        documents=documents_of(episode),
    )


_PROJECT = "/v1/projects/{project}"
_EPISODES = _PROJECT + "/episodes"
_EPISODE = _EPISODES + "/{episode}"
_SEASONS = _PROJECT + "/seasons"
_SEASON = _SEASONS + "/{season}"
_SETTINGS = _PROJECT + "/settings"
_WRITTEN = (403, 404, 409)

OPERATIONS = (
    Operation(
        "GET",
        _EPISODES,
        outline,
        "episodes",
        "Seasons and episodes in story order",
        query=OutlineQuery,
        answer=OutlineOut,
        refusals=(404,),
    ),
    Operation(
        "POST",
        _EPISODES,
        add_episode,
        "episodes",
        "Add an episode to a series",
        body=NewEpisode,
        answer=EpisodeOut,
        status=201,
        refusals=_WRITTEN,
        resumes=True,
    ),
    Operation(
        "PATCH",
        _EPISODE,
        change_episode,
        "episodes",
        "Rename or move an episode",
        body=EpisodeChange,
        answer=EpisodeOut,
        refusals=_WRITTEN,
    ),
    Operation("DELETE", _EPISODE, delete_episode, "episodes", "Delete an episode", status=204, refusals=_WRITTEN),
    Operation(
        "POST",
        _EPISODE + "/restore",
        restore_episode,
        "episodes",
        "Bring back a deleted episode",
        answer=EpisodeOut,
        refusals=_WRITTEN,
        resumes=True,
    ),
    Operation(
        "POST",
        _SEASONS,
        add_season,
        "episodes",
        "Add a season to a series",
        body=NewSeason,
        answer=SeasonOut,
        status=201,
        refusals=_WRITTEN,
        resumes=True,
    ),
    Operation(
        "PATCH",
        _SEASON,
        change_season,
        "episodes",
        "Rename or move a season",
        body=SeasonChange,
        answer=SeasonOut,
        refusals=_WRITTEN,
    ),
    Operation("DELETE", _SEASON, remove_season, "episodes", "Remove an empty season", status=204, refusals=_WRITTEN),
    Operation(
        "GET", _SETTINGS, settings, "episodes", "What the project is made in", answer=SettingsOut, refusals=(404,)
    ),
    Operation(
        "PUT",
        _SETTINGS,
        change_settings,
        "episodes",
        "Change what the project is made in",
        body=SettingsIn,
        answer=SettingsOut,
        refusals=(403, 404, 409, 412, 428),
        headers=(IF_MATCH,),
    ),
)
