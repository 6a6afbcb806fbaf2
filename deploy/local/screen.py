"""What a person sees of a long-running command: one line for each thing that happens, with the seconds since the start.

Not a log: those are files in the data folder.
"""

import json
import time
from pathlib import Path

from rich.console import Console


class Screen:
    """`say` is handed to whoever has something to tell."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, highlight=False)
        self._begun = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._begun

    def say(self, text: str) -> None:
        self.console.print(f"[dim]{self.elapsed_s:6.1f} s[/]  ", end="")
        self.console.print(text, markup=False, soft_wrap=True)


def write_json(file: Path | None, content: object) -> None:
    """The `--json FILE` of every command that measures or proves; whole or not at all."""
    if file is None:
        return
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    fresh.replace(file)
