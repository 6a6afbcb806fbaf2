"""Files taken in by a worker: what is found out and made of each kind, once for all, and again after any crash."""

import asyncio
import json
import struct
import wave
import zlib
from fractions import Fraction
from pathlib import Path

import pytest

from services.assets import parts
from services.assets.errors import FileUnreadable, HoldLost
from services.assets.ffmpeg import PIXELS_MAX, SOURCE
from services.assets.ingest import ATTEMPTS_MAX
from services.assets.model import Kind
from services.assets.parts import Workshop
from services.assets.sniff import FileType
from services.programs import Bounds
from storage.objects import hash_of
from storage.tables import ingests
from storage.tables.assets import AssetRow

from .studio import Studio, ffmpeg, film


async def bytes_of(studio: Studio, asset: AssetRow, part: str) -> bytes:
    made = asset.parts[part].made
    assert made is not None
    return await studio.stores.objects.get(made)


def png(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


async def test_a_film_is_measured_by_its_packets_and_becomes_a_proxy(studio: Studio, tmp_path: Path) -> None:
    actor, project = await studio.project()
    data = film(tmp_path)
    asset = await studio.taken_in(actor, project, data)
    assert (asset.state, asset.pct, asset.hash, asset.error) == ("ready", 100, hash_of(data), None)
    assert set(asset.parts) == {"probe", "thumb", "peaks", "proxy", "sprite"}
    facts = asset.parts["probe"].facts
    video = facts["video"]
    assert (video["codec"], video["w"], video["h"], video["sar"]) == ("h264", 320, 180, [1, 1])
    assert (video["rate"], video["constant"], video["frames"]) == ([24000, 1001], True, 72)
    assert abs(float(Fraction(*facts["duration"])) - 3.0) < 0.05
    assert facts["audio"][0]["rate_hz"] == 48_000
    assert -30 < facts["loudness"]["integrated_lufs"] < -15
    assert set(video["colour"]) == {"range", "space", "primaries", "transfer"}
    assert asset.parts["proxy"].facts["rate"] == [24000, 1001]
    assert (await bytes_of(studio, asset, "proxy"))[4:8] == b"ftyp"
    thumb = asset.parts["thumb"].facts
    assert (thumb["w"], thumb["h"], len(thumb["blurhash"])) == (320, 180, 6 + 2 * 11)
    assert (await bytes_of(studio, asset, "thumb")).startswith(b"\xff\xd8\xff")
    assert asset.parts["sprite"].facts["tiles"] == 3
    peaks = json.loads(await bytes_of(studio, asset, "peaks"))
    assert (peaks["version"], peaks["channels"], peaks["sample_rate"]) == (2, 1, 8_000)
    assert peaks["length"] == len(peaks["data"]) // 2 and 290 < peaks["length"] < 310
    assert min(peaks["data"]) < -8 and max(peaks["data"]) > 8
    assert {asset.hash, *(part.made for part in asset.parts.values() if part.made)} == await studio.rights(project)
    states = [event["st"] for event in await studio.events(project)]
    assert states[0] == "waiting" and states[-1] == "ready" and states.count("working") >= 5
    assert list(studio.scratch.iterdir()) == []


async def test_a_film_of_changing_rate_gets_a_proxy_of_a_constant_one(studio: Studio, tmp_path: Path) -> None:
    actor, project = await studio.project()
    gaps = ("-vf", "select='not(mod(n,5))+lt(n,20)'", "-fps_mode", "vfr")
    asset = await studio.taken_in(actor, project, film(tmp_path, "film.mkv", *gaps, rate="25"))
    assert asset.parts["probe"].facts["video"]["constant"] is False
    proxy = studio.scratch / "proxy.mp4"
    proxy.write_bytes(await bytes_of(studio, asset, "proxy"))
    folder = tmp_path / "again"
    folder.mkdir()
    (folder / SOURCE).write_bytes(proxy.read_bytes())
    again = await Workshop(folder, FileType("video/mp4", Kind.FILM, "mov"), {}, _quiet).make("probe")
    assert again is not None and again.facts["video"]["constant"] is True


async def _quiet(share: float) -> None:
    """Nobody listens."""


async def test_times_in_milliseconds_are_still_the_standard_rate(studio: Studio, tmp_path: Path) -> None:
    actor, project = await studio.project()
    asset = await studio.taken_in(actor, project, film(tmp_path, "film.mkv", seconds=4))
    video = asset.parts["probe"].facts["video"]
    assert (video["rate"], video["constant"]) == ([24000, 1001], True)


async def test_a_sound(studio: Studio, tmp_path: Path) -> None:
    actor, project = await studio.project()
    data = ffmpeg(tmp_path, "tone.mp3", "-f", "lavfi", "-i", "sine=f=300:d=2", "-metadata", "title=x")
    asset = await studio.taken_in(actor, project, data)
    assert (asset.state, asset.kind, set(asset.parts)) == ("ready", "sound", {"probe", "peaks", "proxy"})
    assert asset.parts["probe"].facts["video"] is None


async def test_silence_has_no_loudness(studio: Studio, tmp_path: Path) -> None:
    actor, project = await studio.project()
    with wave.open(str(tmp_path / "silence.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(16_000))
    asset = await studio.taken_in(actor, project, (tmp_path / "silence.wav").read_bytes())
    facts = asset.parts["probe"].facts
    assert (asset.state, facts["loudness"], facts["duration"]) == ("ready", None, [1, 1])


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.gif", "a.tiff", "a.exr", "a.dpx"])
async def test_a_picture_of_every_kind(studio: Studio, tmp_path: Path, name: str) -> None:
    actor, project = await studio.project()
    data = ffmpeg(tmp_path, name, "-f", "lavfi", "-i", "testsrc2=s=800x200:d=1", "-frames:v", "1")
    asset = await studio.taken_in(actor, project, data)
    assert (asset.state, asset.error, asset.kind) == ("ready", None, "picture")
    picture, thumb = asset.parts["probe"].facts["picture"], asset.parts["thumb"].facts
    assert (picture["w"], picture["h"], thumb["w"], thumb["h"]) == (800, 200, 640, 160)


async def test_texts_are_read_to_their_end(studio: Studio) -> None:
    actor, project = await studio.project()
    subtitle = "WEBVTT\n\n00:00.000 --> 00:01.000\nGrüße\n".encode()
    asset = await studio.taken_in(actor, project, subtitle)
    assert (asset.state, asset.kind, asset.parts["probe"].facts) == ("ready", "subtitle", {"lines": 4})
    broken = await studio.taken_in(actor, project, subtitle * 200 + b"\xff\xfe")
    assert broken.error is not None and broken.error["code"] == "file.unreadable"
    pdf = await studio.taken_in(actor, project, b"%PDF-1.7\n%%EOF")
    assert (pdf.state, pdf.kind) == ("ready", "document")


async def test_the_same_bytes_are_stored_and_looked_at_once(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada, hers), (bob, his) = await studio.project(), await studio.project()
    data = film(tmp_path, seconds=2)
    first = await studio.taken_in(ada, hers, data)

    async def never(self: Workshop, part: str) -> None:
        raise AssertionError(f"{part} is made already")

    monkeypatch.setattr(Workshop, "make", never)
    second = await studio.taken_in(bob, his, data)
    assert (second.state, second.hash, second.parts) == ("ready", first.hash, first.parts)
    assert await studio.rights(his) == await studio.rights(hers)


async def test_a_worker_goes_on_where_the_last_one_died(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, project = await studio.project()
    asset_id = await studio.uploaded(actor, project, film(tmp_path, seconds=2))
    made: list[str] = []
    make = Workshop.make

    async def dying(self: Workshop, part: str) -> parts.Made | None:
        if part == "proxy" and "proxy" not in made:
            made.append(part)
            raise RuntimeError("the machine caught fire")
        made.append(part)
        return await make(self, part)

    monkeypatch.setattr(Workshop, "make", dying)
    assert await studio.intake.take()
    assert (await studio.asset(asset_id)).state == "waiting"
    assert await studio.intake.take()
    assert made == ["probe", "thumb", "peaks", "proxy", "proxy", "sprite"]
    assert (await studio.asset(asset_id)).state == "ready"


async def test_what_goes_wrong_again_and_again_ends(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    actor, project = await studio.project()
    asset_id = await studio.uploaded(actor, project, png(2, 2))

    async def broken(self: Workshop, part: str) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr(Workshop, "make", broken)
    for _ in range(ATTEMPTS_MAX):
        assert await studio.intake.take()
    asset = await studio.asset(asset_id)
    assert asset.state == "failed" and asset.error is not None and asset.error["code"] == "ingest.attempts"
    assert not await studio.intake.take()
    assert (await studio.events(project))[-1]["err"]["code"] == "ingest.attempts"


async def test_who_lost_the_hold_writes_nothing(studio: Studio, tmp_path: Path) -> None:
    actor, project = await studio.project()
    asset_id = await studio.uploaded(actor, project, film(tmp_path, seconds=1))
    late = await studio.ingest.lease("late", 5.0)
    assert late is not None
    await studio.stores.pool.execute("update assets set lease_until = now() where id = $1", asset_id)
    assert await studio.intake.take()
    before = await studio.events(project)
    with pytest.raises(HoldLost):
        await studio.ingest.work(late, tmp_path, lambda stage, pct: None)
    await studio.ingest.fail(late, RuntimeError("late"))
    assert await studio.events(project) == before
    assert (await studio.asset(asset_id)).state == "ready"


async def test_stopping_a_worker_gives_the_file_back(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    actor, project = await studio.project()
    asset_id, begun = await studio.uploaded(actor, project, png(5, 2)), asyncio.Event()

    async def endless(self: Workshop, part: str) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Workshop, "make", endless)
    working = asyncio.create_task(studio.intake.take())
    async with asyncio.timeout(20):
        await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    row = await studio.stores.pool.fetchrow("select state, attempt, lease_until from assets where id = $1", asset_id)
    assert row is not None and tuple(row) == ("waiting", 0, None)
    await studio.stores.pool.execute("update assets set deleted_at = now() where id = $1", asset_id)


async def test_a_worker_is_told_that_a_file_waits(studio: Studio) -> None:
    actor, project = await studio.project()
    intake = studio.intake
    async with asyncio.TaskGroup() as group, asyncio.timeout(20):
        tasks = [group.create_task(intake.listen()), group.create_task(intake.run())]
        asset_id = await studio.uploaded(actor, project, b"%PDF-1.7\n%%EOF told")
        while (await studio.asset(asset_id)).state != "ready":
            pass
        for task in tasks:
            task.cancel()


async def test_a_deleted_asset_is_nobodys_work(studio: Studio) -> None:
    actor, project = await studio.project()
    asset_id = await studio.uploaded(actor, project, png(2, 2))
    await studio.stores.pool.execute("update assets set deleted_at = now() where id = $1", asset_id)
    assert not await studio.intake.take()


async def test_bytes_that_are_gone_are_named(studio: Studio) -> None:
    actor, project = await studio.project()
    asset_id = await studio.uploaded(actor, project, png(2, 2))
    await studio.stores.pool.execute("delete from uploads where id = $1", asset_id)
    assert await studio.intake.take()
    error = (await studio.asset(asset_id)).error
    assert error is not None and error["code"] == "ingest.bytes_lost"


# -- hostile files ---------------------------------------------------------------------------------


async def test_what_only_looks_like_a_film_is_unreadable(studio: Studio, tmp_path: Path) -> None:
    actor, project = await studio.project()
    good = film(tmp_path, seconds=1)
    header = b"\0\0\0\x20ftypisom" + bytes(20)
    for data in (header, header + b"\xff" * 50_000, good[: len(good) // 2], good[:40]):
        asset = await studio.taken_in(actor, project, data)
        assert asset.error is not None and asset.error["code"] == "file.unreadable", data[:40]
    sound = ffmpeg(tmp_path, "tone.mp4", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac")
    without_picture = await studio.taken_in(actor, project, sound)
    assert without_picture.error is not None and without_picture.error["code"] == "file.unreadable"


async def test_a_picture_of_too_many_pixels_is_not_opened(studio: Studio) -> None:
    actor, project = await studio.project()
    for width, height in ((30_000, 30_000), (PIXELS_MAX, 2)):
        asset = await studio.taken_in(actor, project, png(width, height, zlib.compress(bytes(1_000))))
        assert asset.error is not None and asset.error["code"] in ("file.pixels", "file.unreadable")


async def test_memory_and_time_are_bounded(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    actor, project = await studio.project()
    large = png(9_000, 9_000, zlib.compress(bytes(9_000 * (9_000 * 3 + 1)), 1))
    with monkeypatch.context() as patch:
        patch.setattr("services.assets.ffmpeg.BOUNDS", Bounds(300 * 1024**2, 60, 10**9))
        asset = await studio.taken_in(actor, project, large)
    assert asset.error is not None and asset.error["code"] == "file.too_costly"
    with monkeypatch.context() as patch:
        patch.setattr("services.assets.ffmpeg.BOUNDS", Bounds(4 * 1024**3, 1, 10**9))
        slow = await studio.taken_in(actor, project, film(tmp_path, "f.mp4", "-s", "1920x1080", seconds=20))
    assert slow.error is not None and slow.error["code"] == "file.too_costly"
    with monkeypatch.context() as patch:
        patch.setattr("services.assets.parts.PART_S_MAX", 0.001)
        late = await studio.taken_in(actor, project, png(3, 3, zlib.compress(bytes(30))))
    assert late.error is not None and late.error["code"] == "file.too_costly"


async def test_a_film_longer_than_the_limit_is_named(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, project = await studio.project()
    monkeypatch.setattr("services.assets.parts.MEDIA_S_MAX", 1)
    asset = await studio.taken_in(actor, project, film(tmp_path, seconds=2))
    assert asset.error is not None and asset.error["code"] == "file.too_long"


@pytest.mark.parametrize("demuxer", ["mov", "mpegts", "matroska", "mpeg", "avi", "wav", "mp3"])
async def test_a_file_that_names_others_reaches_none(tmp_path: Path, demuxer: str) -> None:
    reached: list[str] = []

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.append("reached")
        writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    async with server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a.ts"
        (tmp_path / "secret.ts").write_bytes(film(tmp_path, "secret.ts", seconds=1))
        for text in (f"#EXTM3U\n#EXTINF:1\n{address}\n", "ffconcat version 1.0\nfile secret.ts\n"):
            (tmp_path / SOURCE).write_text(text)
            with pytest.raises(FileUnreadable):
                await Workshop(tmp_path, FileType("x", Kind.FILM, demuxer), {}, _quiet).make("probe")
    assert reached == []


async def test_parts_that_two_make_at_once_are_one(studio: Studio) -> None:
    actor, project = await studio.project()
    asset = await studio.taken_in(actor, project, b"%PDF-1.7\n%%EOF twice")
    assert asset.hash is not None
    await ingests.put_part(studio.stores.pool, asset.hash, "probe", asset.parts["probe"])
    assert (await studio.asset(asset.id)).parts == asset.parts
