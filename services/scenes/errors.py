"""What cannot be done to a scene.

SceneError
├── NoSuchScene
├── FieldUnfit       `field`, `limit`
└── TooManyScenes    `limit`
"""


class SceneError(Exception):
    """Base of everything this package refuses."""

    code = "scene"
    field: str | None = None
    limit: int | None = None


class NoSuchScene(SceneError):
    """There is no such scene in this storyboard."""

    code = "scene.missing"


class FieldUnfit(SceneError):
    """A field does not have the form that the storyboard allows."""

    code = "scene.field"

    def __init__(self, field: str, limit: int | None, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.limit = limit


class TooManyScenes(SceneError):
    """A storyboard has at most 2,000 scenes."""

    code = "scene.count"
    limit = 2_000
