"""What the sentences of a prompt tell: entities with what belongs to them, clauses, and where; pure."""

from dataclasses import dataclass, field

DEPTH_MAX = 4
"""Of descriptions within descriptions; what lies deeper is still told, as a relation between two words."""


@dataclass(slots=True, eq=False)
class Entity:
    """Somebody or something. `of`: its properties and what belongs to it, by (relation, entity)."""

    head: str
    properties: set[str] = field(default_factory=set)
    of: list[tuple[str, "Entity"]] = field(default_factory=list)
    is_someone: bool = False
    """By an article, a number or a capital: what stands beside it may be meant as its own."""

    def text(self, path: tuple["Entity", ...] = ()) -> str:
        """Equal for equal descriptions, in whatever order they came. `path`: whose descriptions this is part of."""
        parts = set(self.properties)
        if len(path) < DEPTH_MAX and self not in path:
            parts |= {f"{how} {what.text((*path, self))}" for how, what in self.of if what is not self}
        return f"{self.head}({', '.join(sorted(parts))})" if parts else self.head


@dataclass(slots=True, eq=False)
class Clause:
    """One verb. `behind`: (preposition, entity) of the whole happening."""

    verb: str
    subjects: list[Entity]
    passive: bool = False
    objects: list[Entity] = field(default_factory=list)
    behind: list[tuple[str, Entity]] = field(default_factory=list)
    manner: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Told:
    """All of it. `scene`: where, and who is there."""

    entities: list[Entity] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    scene: list[tuple[str, Entity, Entity | None]] = field(default_factory=list)
