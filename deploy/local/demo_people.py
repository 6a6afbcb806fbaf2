"""Who is in the demo. What they work on is `demo_project.py`'s."""

from dataclasses import dataclass

from services.users.model import Role


@dataclass(frozen=True, slots=True)
class Person:
    """`page`: where the sign-in link leads."""

    name: str
    email: str
    colour: str
    role: Role
    page: str


ANA = Person("Ana Duarte", "ana.duarte@example.com", "#d9480f", Role.OWNER, "studio")
BEN = Person("Ben Okafor", "ben.okafor@example.com", "#1971c2", Role.EDITOR, "studio")
RITA = Person("Rita Lindqvist", "rita.lindqvist@example.com", "#2f9e44", Role.COMMENTER, "review")
PEOPLE = (ANA, BEN, RITA)
