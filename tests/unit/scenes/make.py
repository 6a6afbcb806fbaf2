"""Storyboards to test with, as the JSON of a document."""

from typing import Any
from uuid import UUID

from services.scenes.story import Story, story_of
from sync.schema import STORYBOARD_ROOTS


def story(scenes: dict[str, dict[str, Any]], **roots: dict[str, Any]) -> Story:
    """`scenes` in the order of the story; `roots`: what else is in the document."""
    ordered = {key: {"ord": f"a{at:03}", **scene} for at, (key, scene) in enumerate(scenes.items())}
    content = {**{root: {} for root in STORYBOARD_ROOTS}, "scenes": ordered, **roots}
    return story_of(content, UUID(int=1), 1, 7)
