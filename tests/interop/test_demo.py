"""`./dev demo` from end to end, as a person starts it: its exit code, its last line, its page."""

import asyncio
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 240.0


async def test_the_demo_holds(node: str, tmp_path: Path) -> None:
    result, report = tmp_path / "demo.json", tmp_path / "report"
    command = (sys.executable, "-P", "-m", "deploy.local", "demo", "--json", str(result), "--report", str(report))
    demo = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(TIMEOUT_S):
        output, errors = await demo.communicate()
    assert demo.returncode == 0, errors.decode()
    (line,) = output.decode().splitlines()
    said = json.loads(line)
    assert said == json.loads(result.read_text())
    assert said["ok"] and said["replicas_equal"] and said["acknowledged_edits_lost"] == 0
    assert said["acks"] > 0 and said["previews"] >= 3 and said["take_frames"] > 0
    page = (report / "index.html").read_text()
    assert page.count("<img") == said["previews"] + 6 and "{{" not in page
    assert (report / "media" / "take.mp4").stat().st_size > 0
