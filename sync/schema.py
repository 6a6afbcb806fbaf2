"""Which roots a document has and which of their keys only the server writes (documents.md A1, A11).

The full schema of keys, units and ranges is checked elsewhere; this is who may touch what.
"""

from dataclasses import dataclass

from sync.names import Kind

STORYBOARD_ROOTS = (
    "acts",
    "seqs",
    "scenes",
    "shots",
    "beats",
    "env",
    "props",
    "looks",
    "jobs",
    "takes",
    "prev",
    "ext",
)
TIMELINE_ROOTS = ("meta", "tracks", "clips", "markers", "groups", "cuts", "ext")


@dataclass(frozen=True, slots=True)
class Ownership:
    """`roots`: all there are; `server_roots`: clients never write below them; `server_keys`: of entities, per root."""

    roots: frozenset[str]
    server_roots: frozenset[str]
    server_keys: dict[str, frozenset[str]]

    def is_servers(self, root: str, key: str | None) -> bool:
        """Whether only the server may write `key` of an entity of `root`."""
        return root in self.server_roots or (key is not None and key in self.server_keys.get(root, ()))


OWNERSHIP = {
    Kind.STORYBOARD: Ownership(
        roots=frozenset(STORYBOARD_ROOTS),
        server_roots=frozenset({"jobs", "takes", "prev"}),
        server_keys={"scenes": frozenset({"enh", "st", "cur", "lock"})},
    ),
    Kind.TIMELINE: Ownership(
        roots=frozenset(TIMELINE_ROOTS),
        server_roots=frozenset({"cuts"}),
        server_keys={},
    ),
}
