"""The shelf on Redis: a value and a lease for each key, a list of a project's keys, one script for each change.

All keys of a project share a hash tag, so that the scripts also run in a cluster.
"""

from pathlib import Path
from uuid import UUID

from redis.asyncio import Redis

from storage.redis import redis_away
from storage.shelf import VALUE_BYTES_MAX, Claim, Kept, Mine, Theirs

_SCRIPT = Path(__file__).with_suffix(".lua")


class RedisShelf:
    """Under `prefix`."""

    def __init__(self, client: Redis, prefix: str = "sf:shelf:") -> None:
        self._client = client
        self._run = client.register_script(_SCRIPT.read_text(encoding="utf-8"))
        self._prefix = prefix

    async def look(self, project_id: UUID, key: str) -> bytes | None:
        with redis_away():
            value: bytes | None = await self._client.get(self._keys(project_id, key)[0])
        return value

    async def claim(self, project_id: UUID, key: str, holder: str, lease_s: float) -> Claim:
        answer = await self._call(project_id, key, "claim", holder, _ms(lease_s))
        match answer:
            case [0, bytes(value)]:
                return Kept(value)
            case [1, int(lease_ms)]:
                return Theirs(lease_ms / 1000)
            case _:
                return Mine()

    async def renew(self, project_id: UUID, key: str, holder: str, lease_s: float) -> bool:
        return await self._call(project_id, key, "renew", holder, _ms(lease_s)) == 1

    async def free(self, project_id: UUID, key: str, holder: str) -> None:
        await self._call(project_id, key, "free", holder)

    async def put(self, project_id: UUID, key: str, holder: str, value: bytes, ttl_s: float) -> bytes:
        if len(value) > VALUE_BYTES_MAX:
            await self.free(project_id, key, holder)
            return value
        kept = await self._call(project_id, key, "put", holder, _ms(ttl_s), value)
        assert isinstance(kept, bytes)
        return kept

    async def lengthen(self, project_id: UUID, key: str, value: bytes, ttl_s: float) -> None:
        await self._call(project_id, key, "lengthen", "", _ms(ttl_s), value)

    async def remove(self, project_id: UUID, key: str) -> None:
        await self._call(project_id, key, "remove", "")

    async def forget(self, project_id: UUID) -> None:
        while await self._call(project_id, "", "forget", "") == 1:
            pass

    async def _call(self, project_id: UUID, key: str, what: str, holder: str, *rest: int | bytes) -> object:
        with redis_away():
            answer: object = await self._run(keys=self._keys(project_id, key), args=[what, holder, *rest])
        return answer

    def _keys(self, project_id: UUID, key: str) -> list[str]:
        place = f"{self._prefix}{{{project_id.hex}}}"
        return [f"{place}:value:{key}", f"{place}:lease:{key}", f"{place}:keys"]


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
