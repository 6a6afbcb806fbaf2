"""Who does what to whom: the rest of a prompt as entities with what belongs to them, and clauses; pure.

A shallow reading, from left to right. Two orders of the same phrases come out equal (fronted adverbials, passives,
datives, clothes); where it does not understand, it keeps the words in their order, so that two texts differ rather than
agree.
"""

from collections.abc import Sequence

from services.cache.prompts.lexicon import ADVERBS, FILLER, GARMENTS, PLACES, PREPOSITION_SAME, PREPOSITIONS, SPOKEN
from services.cache.prompts.phrases import CAMERA
from services.cache.prompts.told import Clause, Entity, Told
from services.cache.prompts.verbs import VERBS
from services.cache.prompts.words import STOPS, Ending, Word

DETERMINERS = frozenset("a an the this that these those some his her their its".split())
OWNERS = frozenset("his her their its".split())
RELATIVES = frozenset("who which that whose".split())
SUBORDINATORS = frozenset("while as when until because so then".split())
DATIVE = frozenset("give pour sell show offer throw send tell pass bring serve write read".split())
BELONGS = frozenset({"with", "without", "of"})
SCENIC = frozenset({"in", "at", "on"})
TOGETHERNESS = frozenset({"alone", "together"})
HOLDING = {"wear": "wear", "hold": "with", "carry": "with"}
NOMINATIVES = frozenset("he she they".split())
PRONOUNS = NOMINATIVES | {"it", "him", "them"}


def sentences(words: Sequence[Word], quotes: Sequence[str]) -> Told:
    """Reads what `phrases` left over."""
    reader = _Reader(quotes)
    for number, word in enumerate(words):
        reader.take(word, words[number - 1] if number else None, words[number + 1] if number + 1 < len(words) else None)
    reader.stop()
    return reader.told


_NO_NOUN = (
    STOPS | DETERMINERS | PREPOSITIONS | SUBORDINATORS | RELATIVES | ADVERBS | FILLER | {",", "and", "be", "not", "no"}
)


def _ends(word: Word | None) -> bool:
    """Nothing that could be a noun."""
    return word is None or word.lemma in _NO_NOUN or word.lemma == CAMERA


class _Reader:
    def __init__(self, quotes: Sequence[str]) -> None:
        self.told = Told()
        self._quotes = quotes
        self._clear()

    def _clear(self) -> None:
        self._subjects: list[Entity] = []
        self._clause: Clause | None = None
        self._last: Entity | None = None
        self._front: list[tuple[str, Entity]] = []
        self._quote: Entity | None = None
        self._orphans: list[Clause] = []
        self._passive: Clause | None = None
        self._before_comma: Entity | None = None
        self._opener: Entity | None = None
        self._with = False
        self._break()

    def _break(self) -> None:
        """Of a noun phrase and what was to come behind it."""
        self._words: list[Word] = []
        self._determiner = ""
        self._preposition = ""
        self._joins = self._aux = self._aux_apart = self._not = self._to = False

    def stop(self) -> None:
        """The end of a sentence."""
        self._dangle()
        for how, what in self._front:
            self._set_scene(how, what)
        self._bare_places()
        self._clear()

    def _bare_places(self) -> None:
        """`Foggy forest,` says where."""
        if self._clause is None and not any(
            one in clause.subjects for clause in self.told.clauses for one in self._subjects
        ):
            for one in self._subjects:
                if one.head in PLACES:
                    self._set_scene("in", one)

    def _dangle(self) -> None:
        """A preposition without a noun is a property: `headlights on`, `light from above`."""
        preposition = self._preposition if not self._words and not self._determiner else ""
        self._close()
        if preposition and preposition != "lit":
            if self._last is None and self._clause is not None:
                self._clause.manner.add(preposition)
            else:
                self._describe(preposition)
        self._break()

    def take(self, word: Word, before: Word | None, after: Word | None) -> None:
        lemma = word.lemma
        if lemma == ":" and self._clause is not None and self._clause.verb in SPOKEN:
            self._close()
        elif lemma in STOPS:
            self.stop()
        elif lemma == ",":
            self._comma()
        elif lemma == CAMERA:
            self._comma()
            self._subjects, self._last = [Entity("camera")], None
            self._clause = None
        elif lemma.startswith("\x00"):
            self._quoted(Entity(f'"{self._quotes[int(lemma[1:])]}"'))
        elif self._is_verb(word, before, after):
            self._verb(word, before, after)
        elif lemma in RELATIVES and self._ends_phrase(before):
            self._close()
            whom = self._last or self._before_comma
            self._subjects, self._clause = [whom] if whom else self._subjects, None
        elif lemma == "lit":
            if after is not None and after.lemma == "by":
                self._close()
                self._preposition = "lit"
        elif lemma in ADVERBS and before is not None and before.lemma in DETERMINERS and not _ends(after):
            self._words.append(word)  # "a lone astronaut"
        elif lemma.endswith("-lit"):
            self.told.entities.append(Entity("light", {lemma.removesuffix("-lit")}))
        elif lemma in _NO_NOUN or lemma in PRONOUNS:
            self._close()
            self._small(word, before, after)
        else:
            self._words.append(word)

    def _small(self, word: Word, before: Word | None, after: Word | None) -> None:
        """A word that stands between phrases."""
        lemma = word.lemma
        if lemma in DETERMINERS:
            self._determiner = lemma
        elif lemma in SUBORDINATORS:
            self._subjects, self._clause, self._last = [], None, None
        elif lemma == "and":
            self._joins = True
        elif lemma == "be":
            self._aux, self._aux_apart = True, before is not None and before.lemma == ","
        elif lemma == "not":
            self._not = True
        elif lemma == "no":
            self._words = [word]
        elif lemma == "to" and after is not None and after.lemma in VERBS and after.ending is Ending.PLAIN:
            self._to = True
        elif lemma in PREPOSITIONS:
            self._prepare(PREPOSITION_SAME.get(lemma, lemma))
        elif lemma in ADVERBS:
            self._adverb(lemma)
        elif lemma in PRONOUNS:
            if lemma in NOMINATIVES:
                self._subjects, self._clause = [], None
            self._words = [word]
            self._close()

    def _ends_phrase(self, before: Word | None) -> bool:
        return before is not None and before.lemma not in PREPOSITIONS

    # Verbs -----------------------------------------------------------------------------------------------

    def _is_verb(self, word: Word, before: Word | None, after: Word | None) -> bool:
        lemma, ending = word.lemma, word.ending
        if before is not None and (before.ending is Ending.OWN or before.lemma in OWNERS):
            return False
        has_noun = bool(self._words) and not all(one.ending is Ending.ED for one in self._words)
        has_noun = has_noun or (before is not None and before.lemma in PRONOUNS)
        base = lemma.split("-")[0]
        if ending is Ending.ING:
            return self._aux or lemma in HOLDING or has_noun or _ends(after)
        if ending is Ending.ED:
            return self._aux or (after is not None and after.lemma == "by") or (has_noun and _ends(after))
        if base == "light":
            return ending is Ending.S and has_noun and after is not None and after.lemma in DETERMINERS
        if base not in VERBS:
            return False
        free = (
            not self._words and bool(self._subjects) and before is not None and before.lemma in (",", "and", *RELATIVES)
        )
        if ending is Ending.S:
            return has_noun or free
        plural = bool(self._words) and (self._words[-1].ending is Ending.S or self._words[-1].lemma == "they")
        return (
            self._to
            or self._not
            or plural
            or (self._aux and after is not None and after.lemma == "by")
            or (free and self._clause is None and len(self._subjects) > 1)
        )

    def _verb(self, word: Word, before: Word | None, after: Word | None) -> None:
        had_phrase = bool(self._words)
        aux, negated, to = self._aux, self._not, self._to
        aux_apart = aux and self._aux_apart
        self._close()
        self._break()
        by = after is not None and after.lemma == "by"
        passive = (word.ending is Ending.ED and (aux or by)) or (word.ending is Ending.PLAIN and aux and by)
        trails = word.ending is Ending.ING and had_phrase and not aux
        known = word.lemma.split("-")[0] in VERBS
        if (word.ending is Ending.ED and not (passive and (known or not aux))) or (trails and self._with):
            self._describe(word.lemma)  # "is tired", "with the engine running"
            return
        if self._opener is not None and before is not None and (before.lemma == "," or aux_apart):
            self._subjects = [self._opener]  # "a taxi, headlights on, is crossing"
        subjects = self._who(word, to, trails)
        clause = Clause(("not " if negated else "") + word.lemma, list(subjects), passive)
        if word.lemma not in HOLDING:
            clause.behind += self._front
            self._front = []
        self.told.clauses.append(clause)
        self._clause, self._last, self._opener = clause, None, None
        if self._quote is not None and word.lemma in SPOKEN:
            clause.objects.append(self._quote)
            self._quote = None
        if passive:
            self._passive = clause
        if not subjects and word.ending is Ending.ING:
            self._orphans.append(clause)

    def _who(self, word: Word, to: bool, trails: bool) -> list[Entity]:
        """`teaches her to dance` and `sees Viktor holding a knife` have their subjects just before them."""
        if self._last is not None and to:
            return [self._last]
        if self._last is not None and trails and self._clause is not None:
            holds = word.lemma in HOLDING and self._last.head not in PLACES
            if holds or self._last in self._clause.objects:
                return [self._last]
        return self._subjects

    def _describe(self, word: str) -> None:
        what = self._last or (self._subjects[-1] if self._subjects else None)
        if what is None:
            self.told.entities.append(Entity(word))
        else:
            what.properties.add(word)

    def _adverb(self, word: str) -> None:
        if self._clause is not None and word in TOGETHERNESS and self._clause.subjects:
            self._clause.subjects[-1].properties.add(word)
        elif self._clause is not None:
            self._clause.manner.add(word)
        else:
            self._describe(word)

    # Noun phrases ----------------------------------------------------------------------------------------

    def _prepare(self, preposition: str) -> None:
        if self._preposition:
            preposition = preposition if self._preposition == "lit" else f"{self._preposition}-{preposition}"
            preposition = "lit" if self._preposition == "lit" else preposition
        self._preposition = preposition

    def _comma(self) -> None:
        self._dangle()
        self._bare_places()
        self._before_comma = self._last or self._before_comma
        self._last = self._clause = None

    def _quoted(self, quote: Entity) -> None:
        self._close()
        if self._clause is not None and self._clause.verb.removeprefix("not ") in SPOKEN:
            self._clause.objects.append(quote)
            self.stop()
        else:
            self._quote = quote

    def _close(self) -> Entity | None:
        """What was gathered is an entity, and takes its place."""
        words, determiner = self._words, self._determiner
        preposition, joins = self._preposition, self._joins
        aux, negated, to = self._aux, self._not, self._to
        if not words and determiner not in ("her", "his", "its"):
            self._words, self._determiner = [], ""
            return None
        self._break()
        if not words:
            words, determiner = [Word(determiner)], ""
        entity = self._entity(words, determiner)
        if negated:
            entity.properties.add("not")
        if preposition:
            self._behind(preposition, entity)
        elif aux and not to and len(words) == 1 and self._subjects and self._clause is None:
            self._subjects[-1].properties.add(entity.head)  # "is red"
            self.told.entities.remove(entity)
            return None
        elif self._clause is not None:
            self._object(entity)
        else:
            self._subjects = [*self._subjects, entity] if joins and self._subjects else [entity]
            self._opener = self._opener or entity
            for orphan in self._orphans:
                self._adopt(orphan, entity)
            self._orphans = []
        self._last, self._with = entity, preposition == "with"
        return entity

    def _adopt(self, clause: Clause, subject: Entity) -> None:
        """`Carrying a child, a nurse` tells who carries after the child."""
        clause.subjects = [subject]
        if clause.verb in HOLDING and len(clause.objects) == 1:
            subject.of.append((HOLDING[clause.verb], clause.objects[0]))
            self.told.clauses.remove(clause)

    def _entity(self, words: list[Word], determiner: str) -> Entity:
        *front, head = words
        if front and head.lemma[0].isdigit():
            *front, head = [*words[:-2], head, words[-2]]  # "table nine" is the ninth table
        properties = {word.lemma for word in front if word.ending is not Ending.OWN}
        if head.ending is Ending.S:
            properties.add("plural")
        if determiner in OWNERS:
            properties.add(determiner)
        owners = [("of", self._named(word.lemma, "the")) for word in front if word.ending is Ending.OWN]
        if head.ending is Ending.OWN:
            properties.add("'s")
        entity = self._named(head.lemma, determiner if not properties else "a")
        entity.properties |= properties
        entity.of += owners
        return entity

    def _named(self, head: str, determiner: str) -> Entity:
        """The one that was there already, unless this is another."""
        same = [entity for entity in self.told.entities if entity.head == head]
        if determiner not in ("a", "an") and len(same) == 1:
            return same[0]
        entity = Entity(head)
        self.told.entities.append(entity)
        return entity

    def _object(self, entity: Entity) -> None:
        clause = self._clause
        assert clause is not None
        if not clause.subjects and clause.behind:
            clause.subjects.append(entity)  # "past the barn gallops a horse"
            self._subjects = [entity]
        elif clause.verb in HOLDING and clause.subjects and not clause.objects:
            clause.subjects[-1].of.append((HOLDING[clause.verb], entity))
            self.told.clauses.remove(clause)
            self._clause = next((one for one in self.told.clauses[::-1] if one.subjects == clause.subjects), None)
        elif clause.verb in DATIVE and len(clause.objects) == 1:
            clause.behind.append(("to", clause.objects[0]))
            clause.objects[0] = entity
        else:
            clause.objects.append(entity)

    def _behind(self, preposition: str, entity: Entity) -> None:
        clause = self._clause
        before = self._last or (self._subjects[-1] if self._subjects and clause is None else None)
        if preposition == "lit" or entity.head == "light":
            self._lit(preposition, entity)
        elif before is not None and before.head == "light" and preposition in ("from", "through", "of"):
            before.properties.add(entity.head)
            self.told.entities.remove(entity)
        elif preposition == "in" and entity.head in GARMENTS and before is not None:
            before.of.append(("wear", entity))
        elif preposition == "of" and before is not None and entity.head[0].isdigit():
            before.properties.add(entity.head)  # "a diner of the 1970s"
            self.told.entities.remove(entity)
        elif preposition in BELONGS and before is not None:
            before.of.append((preposition, entity))
        elif self._passive is not None and preposition == "by":
            passive, self._passive = self._passive, None
            passive.objects, passive.subjects, passive.passive = list(passive.subjects), [entity], False
        elif preposition in SCENIC and entity.head in PLACES:
            self._set_scene(preposition, entity)
        elif clause is not None:
            verb = clause.verb.removeprefix("not ")
            clause.behind.append(("to" if preposition == "for" and verb in DATIVE else preposition, entity))
        elif before is not None:
            before.of.append((preposition, entity))
        else:
            self._front.append((preposition, entity))

    def _lit(self, preposition: str, entity: Entity) -> None:
        if entity.head != "light":
            self.told.entities.remove(entity)
            self.told.entities.append(Entity("light", {entity.text()}))

    def _set_scene(self, preposition: str, entity: Entity) -> None:
        self.told.scene.append((preposition, entity))
