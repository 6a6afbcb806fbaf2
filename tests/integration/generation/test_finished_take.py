"""A finished take whose shots were made elsewhere: voice and picture in sync, at its loudness, constant-rate, played.

Every film of the stubs begins with a clap, one white frame: where shots begin is seen, as where lines begin is heard.
"""

import re
import tempfile
from collections.abc import AsyncIterator, Mapping
from itertools import accumulate
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest_asyncio
from playwright.async_api import Browser, Page, Route

from deploy.stubs.media import Media
from deploy.stubs.stage import Made
from services import programs
from services.assets import ffmpeg
from services.generation.finishing.model import TARGET_LUFS
from services.generation.finishing.parts import HLS_MEDIA, HLS_PLAYLIST
from services.generation.quality import reading
from storage.tables import outputs, takes
from storage.tables.takes import TakeRow
from sync.storyboard import server
from tests.contract.remote import open_door

from .backlot import Backlot, open_backlot
from .studio import Studio

RATE = 24
HZ = reading.SAMPLE_HZ
SPOKEN = 0.25
"""Of the loudest moment: above the tone of the room, below any voice."""
LINE = {"c": "MARA", "txt": "You are late."}
VIDEO = "const v = document.querySelector('video');"
ENDED = f"(length) => {{ {VIDEO} return v.error || (v.ended && v.currentTime > length) }}"
PLAYED = f"() => {{ {VIDEO} return [v.error?.message ?? null, v.videoWidth, v.duration] }}"


class Clapper(Media):
    """Films whose first frame is white."""

    async def of(self, made: Made) -> bytes:
        film = await super().of(made)
        return await clapped(film) if made.kind == "mp4" else film


async def clapped(film: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "film.mp4").write_bytes(film)
        white = ("-vf", "drawbox=color=white:t=fill:enable=eq(n\\,0)", "-c:v", "libx264", "-preset", "ultrafast")
        await programs.run([*ffmpeg.read("mov", source="film.mp4"), *white, "-c:a", "copy", "clapped.mp4"], folder)
        return (folder / "clapped.mp4").read_bytes()


@pytest_asyncio.fixture
async def lot(studio: Studio) -> AsyncIterator[Backlot]:
    async with open_door() as door, open_backlot(studio, door, "runway", media=Clapper()) as opened:
        yield opened


async def test_a_finished_take_is_in_sync_at_its_loudness_and_plays(
    lot: Backlot, tmp_path: Path, chromium: Browser
) -> None:
    take, begins, voice = await filmed(lot)
    objects = lot.studio.stores.objects
    (tmp_path / "take.mp4").write_bytes(await objects.get(take.media))
    found = await reading.read(tmp_path, "take.mp4")
    assert found.streams.constant and found.streams.rate == RATE and len(found.colour) == take.frames
    assert found.loudness is not None and abs(found.loudness[0] - TARGET_LUFS) <= 1, found.loudness
    assert found.streams.skew_s is not None and abs(found.streams.skew_s) * RATE <= 1

    bright = found.luma.mean(axis=(1, 2))
    claps = [at for at in range(take.frames) if bright[at] > 1.3 * np.median(bright)]
    assert claps == begins, "each shot begins on its very frame"
    assert found.samples is not None
    (tmp_path / "voice.wav").write_bytes(await objects.get(voice))
    raw = await programs.run(
        [*ffmpeg.read("wav", source="voice.wav"), "-f", "f32le", "-ac", "2", "-ar", str(HZ), "pipe:1"], tmp_path
    )
    wanted_s, heard_s = onset_s(np.frombuffer(raw, np.float32).reshape(-1, 2)), onset_s(found.samples)
    assert abs(heard_s - wanted_s) <= 1 / RATE, (heard_s, wanted_s)

    parts = {part.name: part for part in (await outputs.parts_of_takes(lot.studio.stores.pool, [take.id]))[take.id]}
    assert set(parts) == {"hls", "hls_media", "peaks", "sprite", "sprite_vtt"}
    files = {
        "/take.mp4": ("video/mp4", await objects.get(take.media)),
        f"/{HLS_PLAYLIST}": (parts["hls"].content_type, await objects.get(parts["hls"].media)),
        f"/{HLS_MEDIA}": ("video/mp4", await objects.get(parts["hls_media"].media)),
    }
    page = await chromium.new_page()
    for address in ("/take.mp4", f"/{HLS_PLAYLIST}"):
        error, width, length_s = await played(page, files, address, take.frames / RATE - 0.1)
        assert (error, width) == (None, take.width) and abs(length_s - take.frames / RATE) < 0.15
    await page.close()


async def filmed(lot: Backlot) -> tuple[TakeRow, list[int], str]:
    """The take, the frames at which its shots begin, and the sound that its voice step made."""
    studio = lot.studio
    scene_id = await studio.add_scene(frames=48)
    await studio.edit(lambda doc: server.set_keys(doc, scene_id, {"dlg": [LINE]}))
    asked = await lot.final_of(scene_id)
    run = await lot.over(asked.id)
    assert run.state == "complete", run.error
    steps = {step.name: step.output for step in await studio.generation.steps.of_run(run.id)}
    plan, voice = steps["enhance"], steps["voice"]
    assert plan is not None and voice is not None and len(plan["shots"]) >= 2
    (take,) = await takes.takes_of_scene(studio.stores.pool, studio.document_id, scene_id)
    ends = list(accumulate(shot["frames"] for shot in plan["shots"]))
    return take, [0, *ends[:-1]], voice["media"]


def onset_s(samples: np.ndarray) -> float:
    """When somebody begins to speak."""
    level = np.abs(samples).max(axis=1)
    return float(np.argmax(level > SPOKEN * level.max())) / HZ


async def played(
    page: Page, files: Mapping[str, tuple[str, bytes]], address: str, until_s: float
) -> tuple[str | None, int, float]:
    """By Chromium itself, to the end: its complaint, the picture's width, the length in seconds."""

    async def served(route: Route) -> None:
        found = files.get(urlsplit(route.request.url).path)
        if found is None:
            source = f"<!doctype html><video src='{address}' muted autoplay></video>"
            return await route.fulfill(body=source, content_type="text/html")
        content_type, data = found
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", route.request.headers.get("range", ""))
        if span is None:
            return await route.fulfill(body=data, content_type=content_type)
        first, last = int(span[1]), int(span[2] or len(data) - 1)
        headers = {"Content-Range": f"bytes {first}-{last}/{len(data)}", "Accept-Ranges": "bytes"}
        await route.fulfill(status=206, body=data[first : last + 1], headers=headers, content_type=content_type)

    await page.route("**/*", served)
    await page.goto("http://take.test/")
    await page.wait_for_function(ENDED, arg=until_s, timeout=60_000)
    error, width, length_s = await page.evaluate(PLAYED)
    await page.unroute("**/*")
    return error, width, length_s
