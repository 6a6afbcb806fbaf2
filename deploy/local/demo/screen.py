"""What a person sees while the demo runs: bars and short lines on stderr, a table at the end.

Standard output carries only the last line, for programs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.local.demo.proof import Line

WIDTH_CHARS = 120
"""Where the output goes into a file, which has no width."""


class Screen:
    """`say` prints a line above the bars; `show` moves a bar, which appears with its first step."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def say(self, text: str) -> None:
        self._progress.console.print(f"[dim]·[/dim] {escape(text)}")

    def show(self, name: str, done: int, total: int | None = None) -> None:
        if name not in self._bars:
            self._bars[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._bars[name], completed=done, total=total)

    def table(self, lines: Sequence[Line]) -> None:
        table = Table(title="StoryForge: the main job", title_justify="left", show_header=False)
        for line in lines:
            mark = "[green]✓[/green]" if line.ok else "[bold red]✗[/bold red]"
            table.add_row(mark, escape(line.what), escape(line.value))
        self._progress.console.print(table)


@contextmanager
def open_screen() -> Iterator[Screen]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    if not console.is_terminal:
        console = Console(stderr=True, width=WIDTH_CHARS)
    with Progress(*columns, console=console, transient=True) as progress:
        yield Screen(progress)
