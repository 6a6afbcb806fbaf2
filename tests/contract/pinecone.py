"""Pinecone's data plane as its documentation tells it, in memory: what `PineconeVectors` is tested against."""

import json
import math
from collections import defaultdict
from typing import Any

import httpx

from storage.settings import PineconeSettings

SETTINGS = PineconeSettings("takes-abc123.svc.test", "key-of-the-stub")


class Pinecone:
    """`transport` answers like an index of 512 dimensions, metric cosine. `status`: what it answers instead."""

    def __init__(self) -> None:
        self.namespaces: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.status: int | None = None
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.status is not None:
            return httpx.Response(self.status, text="not today")
        if request.headers.get("Api-Key") != SETTINGS.api_key:
            return httpx.Response(401, text="Unauthorized")
        assert request.url.host == SETTINGS.host and request.headers["X-Pinecone-Api-Version"]
        body = json.loads(request.content)
        match request.url.path:
            case "/vectors/upsert":
                for vector in body["vectors"]:
                    if len(vector["values"]) != 512:
                        return httpx.Response(400, json={"code": 3, "message": "dimension"})
                    self.namespaces[body["namespace"]][vector["id"]] = vector
                return httpx.Response(200, json={"upsertedCount": len(body["vectors"])})
            case "/query":
                return httpx.Response(200, json={"matches": self._nearest(body), "namespace": body["namespace"]})
            case "/vectors/delete":
                return self._delete(body)
            case _:
                return httpx.Response(404)

    def _nearest(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        wanted = body["filter"]["partition"]["$eq"]
        scored: list[dict[str, Any]] = [
            {"id": id, "score": _cosine(vector["values"], body["vector"])}
            for id, vector in self.namespaces[body["namespace"]].items()
            if vector["metadata"]["partition"] == wanted
        ]
        return sorted(scored, key=lambda match: -match["score"])[: body["topK"]]

    def _delete(self, body: dict[str, Any]) -> httpx.Response:
        if body["namespace"] not in self.namespaces:
            return httpx.Response(404, json={"code": 5, "message": "Namespace not found"})
        if body.get("deleteAll"):
            del self.namespaces[body["namespace"]]
        for id in body.get("ids", ()):
            self.namespaces[body["namespace"]].pop(id, None)
        return httpx.Response(200, json={})


def _cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True)) / (math.hypot(*one) * math.hypot(*other))
