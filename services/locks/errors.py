"""What cannot be done about a lock.

LocksError
├── LockOfRun           a generation holds it
├── LockOfAnother       somebody else holds it, and only an owner lifts that
├── TakeNotShown        another take is shown than the one that is approved
└── NoSuchScene
"""


class LocksError(Exception):
    """Base of everything this package refuses."""

    code = "lock"


class LockOfRun(LocksError):
    """The scene is being generated; wait, or cancel the generation."""

    code = "lock.run"


class LockOfAnother(LocksError):
    """Somebody else has locked the scene; they or an owner of the project may unlock it."""

    code = "lock.another"


class TakeNotShown(LocksError):
    """The scene shows another take now; look at that one first."""

    code = "lock.take"


class NoSuchScene(LocksError):
    """There is no such scene in this storyboard."""

    code = "scene.missing"
