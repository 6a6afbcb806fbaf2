"""Every adapter beside its stub, over real sockets; and what each of them is asked for in the contract."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.stubs.app import Stubs
from deploy.stubs.callbacks import SECRET
from deploy.stubs.media import Media
from deploy.stubs.stage import DONE_S, Clock, Stage
from services.generation.providers.adapters.finetunes import FineTune
from services.generation.providers.adapters.line import open_http
from services.generation.providers.capabilities import Fit, Kind, Model, Reference, Role, Standing, Want
from services.generation.providers.negotiation import negotiate
from services.generation.providers.port import Accepted, Intent, RemoteProvider, TaskState
from services.generation.providers.registry import MODELS, providers_of
from services.generation.providers.settings import URLS, Account, ProviderSettings

NOW = datetime(2026, 11, 28, tzinfo=UTC).timestamp()
BEFORE_THE_END_OF_SORA = datetime(2026, 8, 1, tzinfo=UTC).timestamp()
KEY = "access-4711:secret-4711"
MEDIA = Media()
PICTURE = b"\x89PNG\r\n\x1a\n a picture"
FIRST = Reference(Role.FIRST_FRAME, sha256(PICTURE).hexdigest(), "image/png", PICTURE)
INTENT = UUID("11111111-2222-4333-8444-555555555555")
TUNES = (
    FineTune(
        "fal",
        "house-look",
        "studio/house-look/v2",
        Kind.IMAGE,
        4_000_000,
        {"prompt": "prompt", "seed": "seed", "width": "width", "height": "height"},
        sizes=("640x360",),
        takes_seed=True,
        fixed={"steps": 28},
    ),
    FineTune(
        "replicate",
        "house-film",
        "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa",
        Kind.VIDEO,
        3_000_000,
        {"prompt": "prompt", "duration_s": "duration", "first_frame": "image"},
        sizes=("640x360",),
        durations_s=(2, 4),
        references={Role.FIRST_FRAME: 1},
    ),
)


@dataclass(frozen=True, slots=True)
class Case:
    """What one provider is asked for. `path` and `body`: how it must be spelled on the wire."""

    name: str
    model: str
    want: Want
    path: str
    body: Mapping[str, Any]
    answers_at_once: bool = False
    since: float = NOW

    def __str__(self) -> str:
        return self.name


VIDEO = Want(Kind.VIDEO, "Rain on a tin roof", width=1280, height=720, duration_s=5)
CASES = (
    Case(
        "runway",
        "gen4.5",
        replace(VIDEO, duration_s=2, seed=7, references=(FIRST,)),
        "/v1/image_to_video",
        {
            "model": "gen4.5",
            "promptText": "Rain on a tin roof",
            "promptImage": [{"uri": "data:image/png;base64,iVBORw0KGgogYSBwaWN0dXJl", "position": "first"}],
            "ratio": "1280:720",
            "duration": 2,
            "seed": 7,
        },
    ),
    Case(
        "sora",
        "sora-2",
        replace(VIDEO, duration_s=4, audio=True),
        "/v1/videos",
        {"model": "sora-2", "prompt": "Rain on a tin roof", "seconds": "4", "size": "1280x720"},
        since=BEFORE_THE_END_OF_SORA,
    ),
    Case(
        "kling",
        "kling-3.0-turbo",
        replace(VIDEO, duration_s=3, audio=True),
        "/text-to-video/kling-3.0-turbo",
        {
            "prompt": "Rain on a tin roof",
            "settings": {"resolution": "720p", "aspect_ratio": "16:9", "duration": 3, "audio": "native"},
            "options": {
                "external_task_id": str(INTENT),
                "watermark_info": {"enabled": False},
                "callback_url": "https://studio.example/told",
            },
        },
    ),
    Case(
        "kling-legacy",
        "kling-v2-6",
        replace(VIDEO, references=(FIRST,)),
        "/v1/videos/image2video",
        {
            "model_name": "kling-v2-6",
            "prompt": "Rain on a tin roof",
            "mode": "std",
            "duration": "5",
            "image": "iVBORw0KGgogYSBwaWN0dXJl",
            "external_task_id": f"image2video:{INTENT}",
            "callback_url": "https://studio.example/told",
        },
    ),
    Case(
        "stability",
        "core",
        Want(Kind.IMAGE, "A tin roof", width=1344, height=768, seed=7),
        "/v2beta/stable-image/generate/core",
        {"prompt": "A tin roof", "output_format": "png", "seed": "7", "aspect_ratio": "16:9"},
        answers_at_once=True,
    ),
    Case(
        "claude",
        "claude-sonnet-5-5",
        Want(
            Kind.TEXT,
            "INT. SHED - NIGHT",
            instructions="Plan the shots.",
            schema={"type": "object", "properties": {"shots": {"type": "integer"}}, "required": ["shots"]},
            answer_tokens_max=500,
        ),
        "/v1/messages",
        {
            "model": "claude-sonnet-5-5",
            "max_tokens": 500,
            "system": "Plan the shots.",
            "messages": [{"role": "user", "content": "INT. SHED - NIGHT"}],
            "output_config": {
                "format": {
                    "type": "json_schema",
                    "schema": {
                        "type": "object",
                        "properties": {"shots": {"type": "integer"}},
                        "required": ["shots"],
                    },
                }
            },
        },
        answers_at_once=True,
    ),
    Case(
        "elevenlabs",
        "eleven_multilingual_v2",
        Want(Kind.VOICE, "It rains.", voice="JBFqnCBsd6RMkjVDRZzb", seed=7),
        "/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb/with-timestamps",
        {"text": "It rains.", "model_id": "eleven_multilingual_v2", "seed": 7},
        answers_at_once=True,
    ),
    Case(
        "fal",
        "house-look",
        Want(Kind.IMAGE, "A tin roof", width=640, height=360, seed=7),
        "/studio/house-look/v2",
        {"prompt": "A tin roof", "seed": 7, "width": 640, "height": 360, "steps": 28},
    ),
    Case(
        "replicate",
        "house-film",
        Want(Kind.VIDEO, "Rain", width=640, height=360, duration_s=2, references=(FIRST,)),
        "/v1/predictions",
        {
            "version": TUNES[1].path,
            "input": {
                "prompt": "Rain",
                "duration": 2,
                "image": "data:image/png;base64,iVBORw0KGgogYSBwaWN0dXJl",
            },
            "webhook": "https://studio.example/told",
            "webhook_events_filter": ["completed"],
        },
    ),
)
CALLBACK_URL = "https://studio.example/told"


@dataclass
class World:
    """One adapter and its stub. `told`: callbacks that were sent, as (headers, body)."""

    case: Case
    provider: RemoteProvider
    stage: Stage
    stubs: Stubs
    url: str
    http: httpx.AsyncClient
    told: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    def intent(self, id: UUID | None = None, **changed: Any) -> Intent:
        want = replace(self.case.want, **changed)
        fit = negotiate(self.model, want)
        assert isinstance(fit, Fit), fit
        return Intent(id or uuid4(), want, fit, CALLBACK_URL)

    @property
    def model(self) -> Model:
        """As if it were to be had, for the one that is not."""
        found = next(model for model in self.provider.models if model.name == self.case.model)
        return replace(found, standing=Standing.ACTIVE)

    async def submitted(self) -> str:
        """A task that was taken."""
        accepted = await self.provider.submit(self.intent())
        assert isinstance(accepted, Accepted), accepted
        return accepted.task

    async def state(self, task: str) -> TaskState:
        return (await self.provider.poll([task]))[task]

    async def later(self, seconds: float = DONE_S) -> None:
        self.stage.clock.advance(seconds)
        await self.stubs.tell()


class Door:
    """A server on a real socket, for one application after the other: starting one takes longer than a test."""

    def __init__(self) -> None:
        self.app: ASGIApp = Starlette()
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@asynccontextmanager
async def open_door() -> AsyncIterator[Door]:
    """Until the end of the block."""
    door = Door()
    config = uvicorn.Config(door, lifespan="off", log_config=None, access_log=False, ws="none")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(config)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[listener]))
            try:
                door.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
                yield door
            finally:
                server.should_exit = True
                await serving


@asynccontextmanager
async def world_of(case: Case, door: Door) -> AsyncIterator[World]:
    """Nothing has happened in it."""
    told: list[tuple[Mapping[str, str], bytes]] = []

    async def deliver(url: str, headers: Mapping[str, str], body: bytes) -> None:
        assert url == CALLBACK_URL
        told.append((headers, body))

    stage = Stage(Clock(case.since), deliver, dict.fromkeys(URLS, KEY), {"sora": CALLBACK_URL})
    stubs = Stubs(stage, MEDIA)
    door.app = stubs.app()
    async with open_http() as http:
        provider = providers_of(settings_of(door.url), http)[case.name]
        yield World(case, provider, stage, stubs, door.url, http, told)


def settings_of(url: str, key: str = KEY) -> ProviderSettings:
    """All accounts at the stubs of this address."""
    accounts = {name: Account(key, f"{url}/{name}", (SECRET,)) for name in URLS}
    return ProviderSettings(accounts, TUNES, f"{url}/fal/.well-known/jwks.json", frozenset({url}))


assert {model.provider for model in MODELS} | {tune.provider for tune in TUNES} == set(URLS)
