"""Queries by their SHA-256: those that callers have sent before, or only those that the studio lists.

A caller whose query is not kept any more, or was sent to another process, sends it again in full.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from api.graphql.errors import QueryHashWrong, QueryMissing, QueryNotKept, QueryUnlisted

KEPT_MAX = 1_000
"""Queries of one process; the one that was not used for longest goes."""


class Queries:
    """Of one process. `listed`: by hash, the only ones that are answered; None: any is."""

    def __init__(self, listed: Mapping[str, str] | None = None) -> None:
        self._listed = listed
        self._kept: OrderedDict[str, str] = OrderedDict()

    def text_of(self, query: str | None, hash: str | None) -> str:
        """Raises `QueryMissing`, `QueryUnlisted`, `QueryNotKept`, `QueryHashWrong`."""
        if query is None:
            if hash is None:
                raise QueryMissing()
            return self._known(hash)
        if hash is not None and hash != hash_of(query):
            raise QueryHashWrong()
        if (refused := self.refusal_of(query)) is not None:
            raise refused
        if hash is not None and self._listed is None:
            self._keep(hash, query)
        return query

    def refusal_of(self, query: str) -> QueryUnlisted | None:
        """None where it is answered."""
        is_open = self._listed is None or hash_of(query) in self._listed
        return None if is_open else QueryUnlisted(QueryUnlisted.__doc__)

    def _known(self, hash: str) -> str:
        if self._listed is not None:
            if hash not in self._listed:
                raise QueryUnlisted()
            return self._listed[hash]
        if hash not in self._kept:
            raise QueryNotKept()
        self._kept.move_to_end(hash)
        return self._kept[hash]

    def _keep(self, hash: str, query: str) -> None:
        self._kept[hash] = query
        self._kept.move_to_end(hash)
        if len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)


def hash_of(query: str) -> str:
    """In lower-case hex, of its UTF-8."""
    return sha256(query.encode()).hexdigest()


def listed_in(path: str) -> Mapping[str, str] | None:
    """By hash; the file is a manifest as Apollo's tools write it. Empty: None. Raises ValueError."""
    if not path:
        return None
    try:
        bodies = [str(one["body"]) for one in json.loads(Path(path).read_text(encoding="utf-8"))["operations"]]
    except (OSError, KeyError, TypeError) as error:
        raise ValueError(f"not a manifest of persisted queries: {error!r}") from error
    return {hash_of(body): body for body in bodies}
