"""Who does what to whom: the rest of a prompt as entities with what belongs to them, and clauses; pure.

A shallow reading, from left to right. Two orders of the same phrases come out equal (fronted adverbials, passives,
datives, clothes); where it does not understand, it keeps the words in their order, so that two texts differ rather than
agree.
"""

from collections.abc import Sequence

from services.cache.prompts.grammar import (
    BELONGS,
    DATIVE,
    DETERMINERS,
    HOLDING,
    LINKS,
    NO_NOUN,
    NOMINATIVES,
    OWNERS,
    PRONOUNS,
    RELATIVES,
    SCENIC,
    SUBORDINATORS,
    TOGETHERNESS,
    VERB_SAME,
    ends,
    is_verb,
)
from services.cache.prompts.lexicon import ADVERBS, GARMENTS, PLACES, PREPOSITION_SAME, PREPOSITIONS, SPOKEN
from services.cache.prompts.phrases import CAMERA
from services.cache.prompts.told import Clause, Entity, Told
from services.cache.prompts.verbs import VERBS
from services.cache.prompts.words import STOPS, Ending, Word


def sentences(words: Sequence[Word], quotes: Sequence[str]) -> Told:
    """Reads what `phrases` left over."""
    reader = _Reader(quotes)
    for number, word in enumerate(words):
        reader.take(word, words[number - 1] if number else None, words[number + 1] if number + 1 < len(words) else None)
    reader.stop()
    return reader.told


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
        self._quote_behind: list[Entity] = []
        self._orphans: list[Clause] = []
        self._passive: Clause | None = None
        self._before_comma: Entity | None = None
        self._opener: Entity | None = None
        self._with = False
        self._joined: Entity | None = None
        self._link = ""
        self._saying: Clause | None = None
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
        self.told.scene += [(how, what, None) for how, what in self._front]
        self._bare_places()
        self._hang_quote()
        self._clear()

    def _bare_places(self) -> None:
        """`Foggy forest,` says where."""
        busy = [one for clause in self.told.clauses for one in clause.subjects]
        if self._clause is None and not any(one in busy for one in self._subjects):
            self.told.scene += [("in", one, None) for one in self._subjects if one.head in PLACES]

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
        elif lemma.startswith(CAMERA):
            self._comma()
            self.told.entities.append(Entity("camera", {lemma.removeprefix(CAMERA)}))
            self._subjects, self._last, self._clause = self.told.entities[-1:], None, None
        elif lemma.startswith("\x00"):
            self._quoted(Entity(f'"{self._quotes[int(lemma[1:])]}"'))
        elif self._is_verb(word, before, after):
            self._verb(word, before, after)
        elif lemma in RELATIVES and before is not None and before.lemma not in PREPOSITIONS:
            self._close()
            whom = self._last or self._before_comma
            self._subjects, self._clause = [whom] if whom else self._subjects, None
        elif lemma == "have":
            self._has(after)
        elif lemma == "lit":
            if after is not None and after.lemma == "by":
                self._close()
                self._preposition = "lit"
        elif lemma in ADVERBS and before is not None and before.lemma in DETERMINERS and not ends(after):
            self._words.append(word)  # "a lone astronaut"
        elif lemma.endswith("-lit"):
            self.told.entities.append(Entity("light", {lemma.removesuffix("-lit")}))
        elif lemma in NO_NOUN or lemma in PRONOUNS:
            self._close()
            self._small(word, before, after)
        else:
            self._words.append(word)

    def _has(self, after: Word | None) -> None:
        """`has a dog` is a verb, `has gone` is not."""
        self._close()
        if after is not None and (after.ending is Ending.ED or after.lemma in ("be", "not")):
            self._aux = self._aux or after.lemma == "be"
        else:
            self._begin(Clause("have", list(self._subjects)))

    def _small(self, word: Word, before: Word | None, after: Word | None) -> None:
        """A word that stands between phrases."""
        lemma = word.lemma
        if lemma in DETERMINERS:
            self._determiner = lemma
        elif lemma in SUBORDINATORS:
            self._subjects, self._clause, self._last = [], None, None
            self._link = lemma if lemma in LINKS else ""
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

    # Verbs -----------------------------------------------------------------------------------------------

    def _is_verb(self, word: Word, before: Word | None, after: Word | None) -> bool:
        expected = self._aux or self._to or self._not
        return is_verb(word, before, after, self._words, expected=expected, aux=self._aux, subjects=len(self._subjects))

    def _verb(self, word: Word, before: Word | None, after: Word | None) -> None:
        had_phrase = bool(self._words)
        aux, negated, to = self._aux, self._not, self._to
        aux_apart = aux and self._aux_apart
        without = "" if had_phrase else self._preposition
        self._close()
        joined = self._joined
        self._break()
        by = after is not None and after.lemma == "by"
        passive = (word.ending is Ending.ED and (aux or by)) or (word.ending is Ending.PLAIN and aux and by)
        trails = word.ending is Ending.ING and had_phrase and not aux
        known = word.lemma.split("-")[0] in VERBS
        if (word.ending is Ending.ED and not (passive and (known or not aux))) or (trails and self._with):
            self._describe(word.lemma)  # "is tired", "with the engine running"
            return
        if self._opener is not None and before is not None and (before.lemma == "," or aux_apart):
            aside = [one for one in self._subjects if one is not self._opener]
            self._opener.of += [("aside", one) for one in aside]  # "Mara, wounded, faces Elias"
            self._subjects = [self._opener]
        subjects = self._who(word, to, trails)
        if joined is not None and not to and (word.ending is Ending.S or aux):
            subjects = self._apart(joined)
        link, self._link = self._link, ""
        verb = " ".join(filter(None, [link, without, "not" if negated else "", VERB_SAME.get(word.lemma, word.lemma)]))
        clause = Clause(verb, list(subjects), passive)
        if word.lemma not in HOLDING:
            clause.behind += self._front
            self._front = []
        self._begin(clause)
        if self._quote is not None and word.lemma in SPOKEN:
            clause.objects.append(self._quote)
            self._quote = None
        if passive:
            self._passive = clause
        if not subjects and word.ending is Ending.ING:
            self._orphans.append(clause)

    def _begin(self, clause: Clause) -> None:
        self.told.clauses.append(clause)
        self._clause, self._last, self._opener = clause, None, None

    def _apart(self, joined: Entity) -> list[Entity]:
        """`A cat sits and a woman sings`: what came behind `and` is no object, it begins anew."""
        if self._clause is not None and joined in self._clause.objects:
            self._clause.objects.remove(joined)
        self._subjects = [joined]
        return self._subjects

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
        if self._preposition != "lit":
            self._preposition = f"{self._preposition}-{preposition}" if self._preposition else preposition

    def _comma(self) -> None:
        self._dangle()
        self._bare_places()
        if self._clause is not None and self._clause.verb.removeprefix("not ") in SPOKEN:
            self._saying = self._clause
        self._before_comma = self._last or self._before_comma
        self._last = self._clause = None

    def _quoted(self, quote: Entity) -> None:
        self._close()
        saying = self._clause or self._saying
        if saying is not None and saying.verb.removeprefix("not ") in SPOKEN and not saying.objects:
            saying.objects.append(quote)
            self.stop()
        else:
            self._hang_quote()
            self._quote, self._quote_behind = quote, self.told.entities[-1:]

    def _hang_quote(self) -> None:
        """A quote without a verb of speaking belongs to whom it stands behind: `Mara: "Yes."`"""
        if self._quote is not None:
            self.told.clauses.append(Clause("quote", self._quote_behind, objects=[self._quote]))
            self._quote = None

    def _close(self) -> Entity | None:
        """What was gathered is an entity, and takes its place."""
        words, determiner = self._words, self._determiner
        preposition, joins = self._preposition, self._joins
        aux, negated, to = self._aux, self._not, self._to
        if not words and determiner not in ("her", "his", "its"):
            self._words, self._determiner = [], ""
            return None
        self._break()
        self._joined = None
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
        elif aux and not to and self._subjects and self._clause is None and self._last in self._subjects:
            self._subjects[-1].of.append(("is", entity))  # "is a tall king"
        elif self._clause is not None:
            self._object(entity)
            self._joined = entity if joins else None
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
        counted = any(word.lemma[0].isdigit() for word in words)
        named = words[0].is_capital and words[0].lemma != "no"
        entity.is_someone |= determiner in ("a", "an", "the") or counted or named
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
        if entity.head == "light":
            pass  # "by lantern light"
        elif preposition == "lit":
            self.told.entities.remove(entity)
            self.told.entities.append(Entity("light", {entity.text()}))
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
            done_by = clause.subjects[-1] if clause and clause.subjects else None
            self.told.scene.append((preposition, entity, before or done_by))
        elif clause is not None:
            verb = clause.verb.removeprefix("not ")
            clause.behind.append(("to" if preposition == "for" and verb in DATIVE else preposition, entity))
        elif before is not None:
            before.of.append((preposition, entity))
        else:
            self._front.append((preposition, entity))
