"""The brains that a scene may name when it is generated: the presets, and those of the project's teams.

A scene is read inside an edit of its document, which waits for nothing: a team's brain that it names is not at hand
then, the edit is given up (`LookNotRead`), the brain is read, and the edit is made again.
"""

from uuid import UUID

from services.brains.errors import UnknownBrain
from services.brains.model import Brain
from services.brains.presets import BRAINS, brain
from services.brains.service import brain_of_project
from storage.postgres import Executor


class LookNotRead(Exception):
    """A team's brain that has to be read first."""

    def __init__(self, name: str, version: int | None) -> None:
        super().__init__(name, version)
        self.name, self.version = name, version


class Looks:
    """Of one project, for one request. Each name and version is read once: what is not there stays unknown."""

    def __init__(self, executor: Executor, project_id: UUID) -> None:
        self._executor = executor
        self._project_id = project_id
        self._known: dict[tuple[str, int | None], Brain | None] = {}

    def find(self, name: str, version: int | None) -> Brain:
        """The newest where `version` is None. Raises `UnknownBrain`, `LookNotRead`."""
        if name in BRAINS:
            return brain(name, version)
        if (name, version) not in self._known:
            raise LookNotRead(name, version)
        found = self._known[name, version]
        if found is None:
            raise UnknownBrain(f"no brain {name!r} in version {version}")
        return found

    async def read(self, missing: LookNotRead) -> None:
        """Raises `StoreAway`."""
        try:
            found = await brain_of_project(self._executor, self._project_id, missing.name, missing.version)
        except UnknownBrain:
            found = None
        self._known[missing.name, missing.version] = found
