"""The same request again: answered from the shelf, or made once however many ask at the same time.

What is on the shelf is a copy: when Redis is away or has forgotten, it is made again.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from services.cache.model import AHEAD_TTL_S, EXACT_TTL_S, Layer, Made, Served
from storage.errors import StoreAway
from storage.shelf import Kept, Mine, Shelf, Theirs
from storage.tasks import beside

log = logging.getLogger("storyforge.cache")

LEASE_S = 15.0
"""How long a holder that has fallen silent keeps others waiting."""
RENEW_S = 5.0
LOOK_AGAIN_S = 0.25
"""How often a waiter asks whether it is there."""

Make = Callable[[], Awaitable[Made]]


class Exact:
    """`key`: a request's, or a step's: 64 hexadecimal characters. Several processes share one shelf."""

    def __init__(self, shelf: Shelf, *, lease_s: float = LEASE_S, look_again_s: float = LOOK_AGAIN_S) -> None:
        self._shelf = shelf
        self._lease_s = lease_s
        self._look_again_s = look_again_s

    async def once(self, project_id: UUID, key: str, make: Make) -> Served:
        """What is there, or what `make` makes. Raises what `make` raises; others who waited then try by themselves."""
        holder = secrets.token_hex(8)
        while True:
            try:
                claim = await self._shelf.claim(project_id, key, holder, self._lease_s)
            except StoreAway:
                log.warning("cache.shelf_away")
                made = await make()
                return Served(made.output, Layer.NONE, made.cost_microcredits, 0)
            match claim:
                case Kept(value):
                    return await self._kept(project_id, key, value)
                case Mine():
                    return await self._make(project_id, key, holder, make)
                case Theirs(lease_s):
                    await asyncio.sleep(min(self._look_again_s, lease_s))

    async def is_known(self, project_id: UUID, key: str) -> bool:
        """Whether `once` would answer now without making anything. A shelf that is away knows nothing."""
        try:
            return await self._shelf.look(project_id, key) is not None
        except StoreAway:
            return False

    async def known(self, project_id: UUID, key: str) -> Served | None:
        """What `once` would answer now without making anything. A shelf that is away knows nothing."""
        try:
            value = await self._shelf.look(project_id, key)
        except StoreAway:
            log.warning("cache.shelf_away")
            return None
        return None if value is None else await self._kept(project_id, key, value)

    async def peek(self, project_id: UUID, key: str) -> Mapping[str, Any] | None:
        """The output that is there, which is not asked for yet. Raises `StoreAway`."""
        value = await self._shelf.look(project_id, key)
        return None if value is None else json.loads(value)["output"]

    async def keep(self, project_id: UUID, key: str, made: Made) -> None:
        """What somebody has made who needed no lease for it. A shelf that is away keeps nothing."""
        try:
            await self._shelf.put(project_id, key, "", _written(made, Layer.EXACT), EXACT_TTL_S)
        except StoreAway:
            log.warning("cache.shelf_away")

    async def remove(self, project_id: UUID, key: str) -> None:
        """What it names is gone. Raises `StoreAway`."""
        await self._shelf.remove(project_id, key)

    async def ahead(self, project_id: UUID, key: str, make: Make) -> bool:
        """Makes it before anybody asks, for a day. False: it is there, or being made. Raises `StoreAway`."""
        holder = secrets.token_hex(8)
        if not isinstance(await self._shelf.claim(project_id, key, holder, self._lease_s), Mine):
            return False
        await self._make(project_id, key, holder, make, Layer.AHEAD)
        return True

    async def forget(self, project_id: UUID) -> None:
        """Raises `StoreAway`."""
        await self._shelf.forget(project_id)

    async def _make(self, project_id: UUID, key: str, holder: str, make: Make, layer: Layer = Layer.EXACT) -> Served:
        try:
            async with beside(self._renew(project_id, key, holder)):
                made = await make()
        except BaseException:
            await self._free(project_id, key, holder)
            raise
        try:
            ttl_s = AHEAD_TTL_S if layer is Layer.AHEAD else EXACT_TTL_S
            await self._shelf.put(project_id, key, holder, _written(made, layer), ttl_s)
        except StoreAway:
            log.warning("cache.shelf_away")
        return Served(made.output, Layer.NONE, made.cost_microcredits, 0)

    async def _renew(self, project_id: UUID, key: str, holder: str) -> None:
        """A lease that is lost is not fatal: somebody else makes an equal output, and the first one stays."""
        while True:
            await asyncio.sleep(self._lease_s / 3)
            try:
                await self._shelf.renew(project_id, key, holder, self._lease_s)
            except StoreAway:
                log.warning("cache.shelf_away")

    async def _free(self, project_id: UUID, key: str, holder: str) -> None:
        """Also when the maker was cancelled; if that fails the lease ends by itself."""
        try:
            await self._shelf.free(project_id, key, holder)
        except StoreAway:
            log.warning("cache.shelf_away")

    async def _kept(self, project_id: UUID, key: str, value: bytes) -> Served:
        kept = json.loads(value)
        if kept["layer"] != Layer.AHEAD:
            return Served(kept["output"], Layer.EXACT, 0, kept["cost"])
        made = Made(kept["output"], kept["cost"])
        try:
            await self._shelf.lengthen(project_id, key, _written(made, Layer.EXACT), EXACT_TTL_S)
        except StoreAway:
            log.warning("cache.shelf_away")
        return Served(made.output, Layer.AHEAD, 0, 0)


def _written(made: Made, layer: Layer) -> bytes:
    value = {"layer": layer, "output": dict(made.output), "cost": made.cost_microcredits}
    return json.dumps(value, separators=(",", ":")).encode()
