"""The vectors in Pinecone, over its data plane: a namespace for each project, the partition as a filter.

Source: docs.pinecone.io, API 2026-07. Its writes are seen a moment later, which costs a nomination and nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import httpx

from storage.errors import StoreAway
from storage.settings import PineconeSettings
from storage.tasks import cancellable
from storage.vectors import DIMENSIONS, NEAREST_MAX, Near

API_VERSION = "2026-07"
TIMEOUT_S = 2.0
"""A nomination is not worth a longer wait."""
REMOVED_AT_ONCE_MAX = 1_000
"""Ids in one request, as documented."""


class PineconeVectors:
    """`http` is the caller's, who closes it."""

    def __init__(self, http: httpx.AsyncClient, settings: PineconeSettings) -> None:
        self._http = http
        self._address = f"https://{settings.host}"
        self._headers = {"Api-Key": settings.api_key, "X-Pinecone-Api-Version": API_VERSION}

    async def put(self, project_id: UUID, partition: str, id: UUID, vector: Sequence[float]) -> None:
        assert len(vector) == DIMENSIONS
        one = {"id": id.hex, "values": [float(number) for number in vector], "metadata": {"partition": partition}}
        await self._post("/vectors/upsert", {"namespace": project_id.hex, "vectors": [one]})

    async def nearest(self, project_id: UUID, partition: str, vector: Sequence[float], limit: int) -> list[Near]:
        assert limit <= NEAREST_MAX and len(vector) == DIMENSIONS
        wanted = {
            "namespace": project_id.hex,
            "vector": [float(number) for number in vector],
            "topK": limit,
            "filter": {"partition": {"$eq": partition}},
            "includeMetadata": False,
            "includeValues": False,
        }
        found = await self._post("/query", wanted)
        try:
            return [Near(UUID(match["id"]), float(match["score"])) for match in found["matches"]]
        except (KeyError, TypeError, ValueError) as error:
            raise StoreAway(f"Pinecone answered what nobody understands: {error!r}") from error

    async def remove(self, project_id: UUID, ids: Sequence[UUID]) -> None:
        for first in range(0, len(ids), REMOVED_AT_ONCE_MAX):
            some = [id.hex for id in ids[first : first + REMOVED_AT_ONCE_MAX]]
            await self._post("/vectors/delete", {"namespace": project_id.hex, "ids": some}, gone_is_fine=True)

    async def forget(self, project_id: UUID) -> None:
        everything = {"namespace": project_id.hex, "deleteAll": True}
        await self._post("/vectors/delete", everything, gone_is_fine=True)

    async def _post(self, path: str, body: Mapping[str, Any], *, gone_is_fine: bool = False) -> dict[str, Any]:
        """`gone_is_fine`: a namespace that is not there has nothing to delete."""
        try:
            with cancellable():
                answer = await self._http.post(
                    self._address + path, json=body, headers=self._headers, timeout=TIMEOUT_S
                )
        except httpx.HTTPError as error:
            raise StoreAway(f"Pinecone: {type(error).__name__}") from error
        if gone_is_fine and answer.status_code == httpx.codes.NOT_FOUND:
            return {}
        if answer.status_code != httpx.codes.OK:
            raise StoreAway(f"Pinecone answered {answer.status_code}")
        try:
            found = answer.json()
        except json.JSONDecodeError as error:
            raise StoreAway("Pinecone answered what is no JSON") from error
        return found if isinstance(found, dict) else {}
