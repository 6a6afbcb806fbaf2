"""The policy: categories with what follows from them, and rules that find them in words; data, read and checked.

A rule is a few groups of terms; it has found something where a term of each stands within a few words of the others.
Data with a version: a verdict names the one that it was given by.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from services.projects.settings import Safety
from services.safety.errors import PolicyUnusable
from services.safety.model import Finding, Outcome, Passage
from services.safety.words import words_of

DATA = Path(__file__).with_name("policy.json")
NEAR_WORDS = 8
NEGATIONS = frozenset({"no", "not", "without", "never", "nobody", "nothing", "avoid", "kein", "keine", "ohne"})
NEGATION_WORDS = 2
"""How far before a term one may stand."""


@dataclass(frozen=True, slots=True)
class Category:
    """`outcomes`: what follows, by how carefully the project is moderated. `by_negation`: "no blood" is none."""

    name: str
    title: str
    reason: str
    outcomes: Mapping[Safety, Outcome]
    by_negation: bool


class Terms:
    """Any of them. Each is words; `abc*` begins so, `<18` is a number below it. Most words begin no term at all."""

    def __init__(self, terms: Sequence[str]) -> None:
        self.count = len(terms)
        self._by_word: dict[str, list[list[str]]] = {}
        self._others: list[list[str]] = []
        for parts in (term.split() for term in terms):
            plain = parts[0].isalnum()
            (self._by_word.setdefault(parts[0], []) if plain else self._others).append(parts)

    def places(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """Where any of them stands, first word and behind the last."""
        found = []
        for at, word in enumerate(words):
            for parts in (*self._by_word.get(word, ()), *(one for one in self._others if _fits(one[0], word))):
                end = at + len(parts)
                if end <= len(words) and all(map(_fits, parts[1:], words[at + 1 : end])):
                    found.append((at, end))
        return found


@dataclass(frozen=True, slots=True)
class Rule:
    """`unless`: terms that excuse, near it."""

    name: str
    category: str
    groups: tuple[Terms, ...]
    unless: Terms
    near: int = NEAR_WORDS


@dataclass(frozen=True, slots=True)
class Policy:
    version: str
    categories: Mapping[str, Category]
    rules: tuple[Rule, ...]

    def findings(self, passages: Sequence[Passage], safety: Safety) -> tuple[Finding, ...]:
        """At most one a rule and passage, in the order of the passages. What is allowed is found, too."""
        found = []
        for passage in passages:
            words = words_of(passage.text)
            for rule in self.rules:
                span = _found(rule, words, self.categories[rule.category].by_negation)
                if span is not None:
                    found.append(self._finding(rule, passage, words[span[0] : span[1]], safety))
        return tuple(found)

    def of_category(self, name: str, where: str, safety: Safety, words: str = "") -> Finding:
        """What another judge has found. Raises `KeyError` for a category that is none."""
        category = self.categories[name]
        return Finding(name, category.outcomes[safety], where, words, category.reason)

    def _finding(self, rule: Rule, passage: Passage, words: Sequence[str], safety: Safety) -> Finding:
        category = self.categories[rule.category]
        outcome = category.outcomes[safety]
        return Finding(rule.category, outcome, passage.where, " ".join(words), category.reason, rule.name)


def _found(rule: Rule, words: Sequence[str], by_negation: bool) -> tuple[int, int] | None:
    """The shortest span of words that the rule is about."""
    places = [_meant(group.places(words), words, by_negation) for group in rule.groups]
    if not all(places):
        return None
    best: tuple[int, int] | None = None
    newest: dict[int, tuple[int, int]] = {}
    for place, group in sorted((place, group) for group, found in enumerate(places) for place in found):
        newest[group] = place
        if len(newest) < len(places):
            continue
        start, end = min(one[0] for one in newest.values()), max(one[1] for one in newest.values())
        gap = end - start - sum(one[1] - one[0] for one in newest.values())
        if gap <= rule.near and (best is None or end - start < best[1] - best[0]):
            best = (start, end)
    if best is None:
        return None
    around = words[max(0, best[0] - rule.near) : best[1] + rule.near]
    return None if rule.unless.places(around) else best


def _meant(places: list[tuple[int, int]], words: Sequence[str], by_negation: bool) -> list[tuple[int, int]]:
    """Without those before which there is a no, where that makes a difference."""
    if not by_negation:
        return places
    return [at for at in places if not NEGATIONS.intersection(words[max(0, at[0] - NEGATION_WORDS) : at[0]])]


def _fits(part: str, word: str) -> bool:
    if part.startswith("<"):
        return word.isascii() and word.isdecimal() and len(word) < 9 and int(word) < int(part[1:])
    return word.startswith(part[:-1]) if part.endswith("*") else word == part


@cache
def newest() -> Policy:
    """The one that is in use. Raises `PolicyUnusable`."""
    return policy_of(json.loads(DATA.read_text(encoding="utf-8")))


def policy_of(data: Mapping[str, Any]) -> Policy:
    """Raises `PolicyUnusable`, which says where."""
    try:
        categories = {name: _category(name, told) for name, told in data["categories"].items()}
        rules = tuple(_rule(told) for told in data["rules"])
        policy = Policy(str(data["version"]), categories, rules)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PolicyUnusable(f"The policy cannot be read: {type(error).__name__}: {error}") from error
    for rule in policy.rules:
        if rule.category not in policy.categories:
            raise PolicyUnusable(f"The rule {rule.name} is of a category that is none.")
        if not rule.groups or not all(group.count for group in rule.groups):
            raise PolicyUnusable(f"The rule {rule.name} has a group without terms.")
    if len({rule.name for rule in policy.rules}) != len(policy.rules):
        raise PolicyUnusable("Two rules have the same name.")
    return policy


def _category(name: str, told: Mapping[str, Any]) -> Category:
    outcomes = {safety: Outcome(told["outcomes"][safety.value]) for safety in Safety}
    return Category(name, told["title"], told["reason"], outcomes, bool(told["by_negation"]))


def _rule(told: Mapping[str, Any]) -> Rule:
    groups = tuple(Terms(group) for group in told["all"])
    unless = Terms(told.get("unless", ()))
    return Rule(told["name"], told["category"], groups, unless, int(told.get("near", NEAR_WORDS)))
