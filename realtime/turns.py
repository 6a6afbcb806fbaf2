"""What a room is told, one thing after another, though what takes long happens beside the loop.

Other rooms go on meanwhile; who has to do with this one waits for his turn. How much waits is bounded by what the doors
let in (`realtime.budget`) in the second or so that a room is away.
"""

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from realtime.places import Place
from sync.errors import ContentFailed, ContentLost

Result = TypeVar("Result")
Work = Callable[[], None]
Gone = Callable[[ContentLost | ContentFailed], None]


class Turns:
    """Of one room. `place`: where long work is done. `spawn`: starts a task that its owner ends.

    `gone`: the room's content is, and with it whatever was under way.
    """

    def __init__(self, place: Place, spawn: Callable[[Coroutine[Any, Any, None]], None], gone: Gone) -> None:
        self.is_taken = False
        """The room is away: nobody may look into it."""
        self.place = place
        self._spawn = spawn
        self._gone = gone
        self._waiting: deque[Work] = deque()

    def forget_owner(self) -> None:
        """Nothing will be under way any more: whoever is held by what he holds would wait for the collector."""
        self._gone = _nobody

    def take(self, work: Work) -> None:
        """Now, or when all that came before is done."""
        if self.is_taken:
            self._waiting.append(work)
        else:
            work()

    def take_beside(self, work: Callable[[], Result], then: Callable[[Result], None], gone: Gone | None = None) -> None:
        """`work` where the content lives, `then` on the loop. Only for whoever has the turn. `gone`: heard as well."""
        self.take_away(lambda: self.place.run(work), then, gone)

    def take_away(
        self,
        work: Callable[[], Coroutine[Any, Any, Result]],
        then: Callable[[Result], None],
        gone: Gone | None = None,
    ) -> None:
        """As `take_beside`, for what is awaited."""
        self.is_taken = True
        self._spawn(self._take_away(work, then, gone))

    async def _take_away(
        self, work: Callable[[], Coroutine[Any, Any, Result]], then: Callable[[Result], None], gone: Gone | None
    ) -> None:
        try:
            result = await work()
        except (ContentLost, ContentFailed) as error:
            self._gone(error)
            if gone is not None:
                gone(error)
            self.is_taken = False
        else:
            self.is_taken = False
            then(result)
        while self._waiting and not self.is_taken:
            self._waiting.popleft()()


def _nobody(error: ContentLost | ContentFailed) -> None:
    """Is told."""
