"""The HLS rendition of a take and its sprite sheet, played by Chromium itself: no library between."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from playwright.async_api import Browser, Route

from services.brains.model import Move
from services.generation.finishing.finish import finish
from services.generation.finishing.model import Cue, Finished, Recipe
from services.generation.request import Picture
from tests.calibration.clips import FRAMES, Film, drawn, encode, spoken, write_sound

PAGE = """<!doctype html><video src="/hls.m3u8" muted autoplay width="640"></video>
<video id="thumbs"><track kind="metadata" src="/sprite.vtt" default></video>"""
ENDED = "() => { const v = document.querySelector('video'); return v.error || (v.ended && v.currentTime > 4.9) }"


async def made(folder: Path) -> Finished:
    frames = np.concatenate([drawn(Move.PAN), drawn(Move.TILT)])
    clip = await encode(Film(frames, np.concatenate([spoken()] * 2)), folder, "clip.mp4")
    write_sound(folder / "voice.wav", np.concatenate([spoken()] * 2))

    async def nobody(share: float) -> None:
        """Nobody watches."""

    return await finish(folder, clip, [Cue("voice.wav")], Recipe(Picture(640, 360), 2 * FRAMES), nobody)


async def test_chromium_plays_the_rendition_to_its_end_and_seeks_in_it(chromium: Browser, tmp_path: Path) -> None:
    done = await made(tmp_path)
    types = {part.file: part.content_type for part in done.parts.values()}
    asked: list[str] = []

    async def served(route: Route) -> None:
        """As a store does: whole files, and ranges of them."""
        name = urlsplit(route.request.url).path.lstrip("/")
        if name not in types:
            await route.fulfill(body=PAGE, content_type="text/html")
            return
        data = (tmp_path / name).read_bytes()
        span = re.fullmatch(r"bytes=(\d+)-(\d*)", route.request.headers.get("range", ""))
        if span is None:
            await route.fulfill(body=data, content_type=types[name])
            return
        asked.append(span[0])
        first, last = int(span[1]), int(span[2] or len(data) - 1)
        headers = {"Content-Range": f"bytes {first}-{last}/{len(data)}", "Accept-Ranges": "bytes"}
        await route.fulfill(status=206, body=data[first : last + 1], headers=headers, content_type=types[name])

    page = await chromium.new_page()
    await page.route("**/*", served)
    await page.goto("http://rendition.test/")
    await page.wait_for_function(ENDED, timeout=30_000)
    played = await page.evaluate(
        "() => { const v = document.querySelector('video'); const q = v.getVideoPlaybackQuality();"
        " return { error: v.error?.message, width: v.videoWidth, length: v.duration, frames: q.totalVideoFrames } }"
    )
    assert played["error"] is None and played["width"] == 640
    assert abs(played["length"] - 5.0) < 0.1 and played["frames"] > 60, "frames are reordered, so it begins two late"
    assert asked, "the segments are ranges of one file"
    await page.evaluate("() => { const v = document.querySelector('video'); v.currentTime = 2.5; v.pause() }")
    await page.wait_for_function("() => { const v = document.querySelector('video'); return !v.seeking }")
    tiles = await page.evaluate(
        "() => { const t = document.querySelector('#thumbs').textTracks[0]; t.mode = 'hidden';"
        " return new Promise((told) => { const look = () => t.cues?.length ? told([...t.cues].map((c) => c.text))"
        " : setTimeout(look, 50); look() }) }"
    )
    assert tiles == [f"sprite.jpg#xywh={160 * tile},0,160,90" for tile in range(5)]
    await page.screenshot(path=tmp_path / "rendition.png")
    await page.close()
