"""The heartbeat file changes while the loop runs."""

import asyncio
from pathlib import Path

from prometheus_client import CollectorRegistry

from deploy.heartbeat import beating

BEAT_S = 0.001
DEADLINE_S = 10.0


async def test_the_file_is_touched_again_and_again(tmp_path: Path) -> None:
    file, registry = tmp_path / "beat", CollectorRegistry()
    async with asyncio.timeout(DEADLINE_S), beating(file, registry, BEAT_S):
        while not file.exists():
            await asyncio.sleep(0)
        first = file.stat().st_mtime_ns
        while file.stat().st_mtime_ns == first:
            await asyncio.sleep(0)
        while not registry.get_sample_value("storyforge_loop_lateness_seconds_count"):
            await asyncio.sleep(0)


async def test_nobody_watches_is_fine() -> None:
    registry = CollectorRegistry()
    async with asyncio.timeout(DEADLINE_S), beating(None, registry, BEAT_S):
        while not registry.get_sample_value("storyforge_loop_lateness_seconds_count"):
            await asyncio.sleep(0)
