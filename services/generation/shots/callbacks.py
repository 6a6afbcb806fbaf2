"""What providers call back to say: believed when signed, heard once, and only a reason to ask now.

Nothing that it says is taken over: the step that waits for the task is due at once, and its worker asks and fetches.
"""

import time
from collections.abc import Callable, Mapping
from urllib.parse import quote

import asyncpg

from services.generation.providers.capabilities import Model
from services.generation.providers.errors import HintRefused
from services.generation.providers.port import RemoteProvider
from services.runs.service import Steps
from storage.postgres import store_away
from storage.tables import intents, steps
from storage.tables.intents import IntentRow

PATH = "/v1/callbacks/"
BODY_BYTES_MAX = 64 * 1024
"""Of a callback, which names a task and seldom says more. Error: the door's, `body.too_large`."""


def callback_url(public_url: str, model: Model) -> str | None:
    """Where its provider may call back. None: it does not, or nobody outside can reach us by TLS."""
    if not model.terms.callbacks or not public_url.startswith("https://"):
        return None
    return f"{public_url}{PATH}{quote(model.provider, safe='')}"


class Callbacks:
    """`remotes`: the accounts that there are, by provider; `steps` rings workers. `now`: seconds since 1970."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        remotes: Mapping[str, RemoteProvider],
        steps: Steps,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._pool = pool
        self._remotes = remotes
        self._steps = steps
        self._now = now

    async def hear(self, provider: str, headers: Mapping[str, str], body: bytes) -> IntentRow | None:
        """The call that it is about. None: nobody waits for it, or it was heard before.

        Raises `HintRefused`, and then nothing has changed; `StoreAway`, and then it may be sent again.
        """
        remote = self._remotes.get(provider)
        if remote is None:
            raise HintRefused("unasked")
        hint = await remote.hint(headers, body, self._now())
        with store_away():
            async with self._pool.acquire() as connection, connection.transaction():
                if not await intents.deliver(connection, provider, hint.delivery):
                    return None
                row = await intents.of_task(connection, provider, hint.task)
                ring = None if row is None else await steps.hasten(connection, row.run_id, row.step)
        if ring is not None:
            await self._steps.ring([ring])
        return row
