"""A clip and its sounds become a take with all its parts: the way in. Files in one folder; nothing of stores or rows.

The steps are also there one by one, for a graph that keeps what is between them.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from services.generation.finishing.model import Cue, Finished, Recipe
from services.generation.finishing.parts import parts
from services.generation.finishing.picture import picture
from services.generation.finishing.sound import join, mix

PICTURE_SHARE, SOUND_SHARE = 0.5, 0.2
"""Of the whole; the rest is the parts'."""

Progress = Callable[[float], Awaitable[None]]


async def finish(folder: Path, clip: str, cues: Sequence[Cue], recipe: Recipe, progress: Progress) -> Finished:
    """Raises `ClipUnreadable`, `ClipTooCostly`, `TakeUnsound`, and what `progress` raises."""

    async def heard(line: str) -> None:
        key, _, value = line.partition("=")
        if key == "frame" and value.strip().isdecimal():
            await progress(PICTURE_SHARE * min(1.0, int(value) / recipe.frames))

    async def further(share: float) -> None:
        await progress(PICTURE_SHARE + SOUND_SHARE + (1 - PICTURE_SHARE - SOUND_SHARE) * share)

    shown = await picture(folder, clip, recipe, heard)
    mixed = await mix(folder, cues, recipe)
    take, loudness = await join(folder, shown, mixed, recipe)
    await further(0.0)
    return Finished(take, loudness, await parts(folder, take, further))
