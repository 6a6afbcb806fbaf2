"""The formats that every studio starts with, under descriptive names.

Conventions and not laws: places are what handbooks and schedules agree on, tolerances are considered defaults.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from services.formats.errors import NoSuchFormat
from services.formats.model import Beat, Format, Length, Part, Rules, Scope

_MINUTE = 60.0


def _parts(*rows: tuple[str, str, float, float]) -> tuple[Part, ...]:
    """In percent."""
    return tuple(Part(id, name, start / 100, end / 100) for id, name, start, end in rows)


def _beats(tolerance: float, rows: Sequence[tuple[str, str, float, float, str]]) -> tuple[Beat, ...]:
    """In percent, the tolerance too."""
    return tuple(
        Beat(id, name, purpose, start / 100, end / 100, tolerance / 100) for id, name, start, end, purpose in rows
    )


THREE_ACT = Format(
    id="three_act",
    version=1,
    name="Three acts",
    summary="A feature: setup, confrontation, resolution.",
    scope=Scope.STORY,
    length=Length(75 * _MINUTE, 110 * _MINUTE, 180 * _MINUTE),
    parts=_parts(("one", "Setup", 0, 25), ("two", "Confrontation", 25, 75), ("three", "Resolution", 75, 100)),
    beats=_beats(
        4,
        (
            ("setup", "Setup", 0, 11, "Who it is about, where, and what is missing."),
            ("inciting_incident", "Inciting incident", 11, 11, "Something happens that cannot be left alone."),
            ("first_turn", "First turn", 25, 25, "The main character decides, and there is no way back."),
            ("midpoint", "Midpoint", 50, 50, "A win or a loss that changes what it is about."),
            ("second_turn", "Second turn", 75, 75, "Everything seems lost; what is left is one way."),
            ("climax", "Climax", 88, 93, "The one confrontation that everything led to."),
            ("resolution", "Resolution", 95, 100, "What the world is like now."),
        ),
    ),
)

FOUR_PART = Format(
    id="four_part",
    version=1,
    name="Four equal parts",
    summary="A feature as four parts of the same length; shots are longest at their borders.",
    scope=Scope.STORY,
    length=THREE_ACT.length,
    parts=_parts(
        ("setup", "Setup", 0, 25),
        ("complication", "Complication", 25, 50),
        ("development", "Development", 50, 75),
        ("climax", "Climax", 75, 100),
    ),
    beats=_beats(
        4,
        (
            ("opening", "Opening", 0, 5, "The tone, and the question."),
            ("first_turn", "Turn into the complication", 25, 25, "The goal takes its form."),
            ("midpoint", "Turn into the development", 50, 50, "The goal changes, or its price."),
            ("second_turn", "Turn into the climax", 75, 75, "The last that had to be known is known."),
            ("climax", "Climax", 80, 95, "It is decided."),
            ("epilogue", "Epilogue", 96, 100, "What remains."),
        ),
    ),
)

FIFTEEN_BEAT = Format(
    id="fifteen_beat",
    version=1,
    name="Fifteen beats",
    summary="A feature in fifteen beats, by pages of 110.",
    scope=Scope.STORY,
    length=Length(80 * _MINUTE, 110 * _MINUTE, 150 * _MINUTE),
    parts=THREE_ACT.parts,
    beats=_beats(
        3,
        (
            ("opening_picture", "Opening picture", 0, 1, "One picture of the world before."),
            ("theme_spoken", "Theme spoken", 4.5, 4.5, "Somebody says what it is about, and is not heard."),
            ("world_before", "World before", 1, 10, "Everybody who matters, and what has to change."),
            ("trigger", "Trigger", 11, 11, "News that ends the world before."),
            ("hesitation", "Hesitation", 12, 22, "Should they? What would it cost?"),
            ("commitment", "Commitment", 23, 23, "They go, by their own will."),
            ("second_thread", "Second thread", 27, 27, "Somebody new, with whom the theme is lived."),
            ("promise", "Promise kept", 28, 50, "What the audience came for."),
            ("midpoint", "Midpoint", 50, 50, "A false win or a false defeat; the stakes rise."),
            ("pressure", "Pressure", 50, 68, "From outside and from within it gets tighter."),
            ("collapse", "Collapse", 68, 68, "The opposite of the midpoint; something dies."),
            ("lowest_point", "Lowest point", 68, 77, "They have nothing left but themselves."),
            ("resolve", "Resolve", 77, 77, "Both threads meet: they know what to do."),
            ("final_push", "Final push", 78, 99, "They do it, changed."),
            ("closing_picture", "Closing picture", 99, 100, "The opening picture, turned round."),
        ),
    ),
)

HOUR_FIVE_ACTS = Format(
    id="hour_five_acts",
    version=1,
    name="Hour in five acts",
    summary="A television hour: a teaser and five acts, each of which ends on a question.",
    scope=Scope.STORY,
    length=Length(40 * _MINUTE, 45 * _MINUTE, 52 * _MINUTE, page_s=50.0),
    parts=_parts(
        ("teaser", "Teaser", 0, 8),
        ("one", "Act one", 8, 30),
        ("two", "Act two", 30, 50),
        ("three", "Act three", 50, 68),
        ("four", "Act four", 68, 86),
        ("five", "Act five", 86, 100),
    ),
    beats=_beats(
        3,
        (
            ("teaser", "Teaser", 0, 8, "The case, the crime, the question."),
            ("act_one_out", "Out of act one", 30, 30, "It is worse than they thought."),
            ("act_two_out", "Out of act two", 50, 50, "The plan fails, or somebody is not who they seemed."),
            ("act_three_out", "Out of act three", 68, 68, "It becomes personal."),
            ("act_four_out", "Out of act four", 86, 86, "The lowest point, and the idea."),
            ("resolution", "Resolution", 88, 97, "The question of the episode is answered."),
            ("tag", "Tag", 97, 100, "What stays open until next time."),
        ),
    ),
)

HALF_HOUR = Format(
    id="half_hour",
    version=1,
    name="Half hour comedy",
    summary="A cold open, two acts, a tag; about 22 minutes.",
    scope=Scope.STORY,
    length=Length(19 * _MINUTE, 22 * _MINUTE, 30 * _MINUTE, page_s=45.0),
    parts=_parts(
        ("cold_open", "Cold open", 0, 9), ("one", "Act one", 9, 50), ("two", "Act two", 50, 94), ("tag", "Tag", 94, 100)
    ),
    beats=_beats(
        4,
        (
            ("cold_open", "Cold open", 0, 9, "A joke that needs no story."),
            ("want", "The want", 12, 20, "What somebody wants today, badly."),
            ("second_story", "Second story", 20, 28, "What the others are up to."),
            ("act_break", "Act break", 50, 50, "It cannot get worse, and does."),
            ("worst", "The worst of it", 72, 80, "All lies come out in one room."),
            ("repair", "Repair", 82, 92, "Back to who they are."),
            ("tag", "Tag", 94, 100, "One more joke."),
        ),
    ),
    rules=Rules(scene_s_max=240),
)

SERIAL_SIXTEEN = Format(
    id="serial_sixteen",
    version=1,
    name="Serial of sixteen",
    summary="A season of sixteen hours in four movements of four; fitted over all episodes.",
    scope=Scope.SEASON,
    length=Length(12 * 60 * _MINUTE, 16 * 70 * _MINUTE, 20 * 80 * _MINUTE),
    parts=_parts(
        ("one", "Setting out", 0, 25),
        ("two", "Growing close", 25, 50),
        ("three", "Reversal", 50, 75),
        ("four", "Coming home", 75, 100),
    ),
    beats=_beats(
        4,
        (
            ("fated_meeting", "Fated meeting", 0, 6.25, "The two meet, and it is not by chance."),
            ("bound_together", "Bound together", 18.75, 25, "From here on they cannot part."),
            ("bond", "Bond", 25, 43.75, "They grow close, and one of them does not say so."),
            ("reset", "Reset", 43.75, 50, "It is said; and at once something new stands between them."),
            ("reversal", "Reversal", 50, 62.5, "What was hidden comes out."),
            ("parting", "Parting", 68.75, 75, "They part, for the other's good."),
            ("return", "Return", 81.25, 90, "They find each other again, as others."),
            ("homecoming", "Homecoming", 93.75, 100, "Everybody has their place."),
        ),
    ),
)

SHORT_FILM = Format(
    id="short_film",
    version=1,
    name="Short film",
    summary="Five to fifteen minutes, one reversal.",
    scope=Scope.STORY,
    length=Length(2 * _MINUTE, 8 * _MINUTE, 20 * _MINUTE),
    parts=_parts(("one", "Before", 0, 20), ("two", "Pressure", 20, 75), ("three", "After", 75, 100)),
    beats=_beats(
        7,
        (
            ("situation", "Situation", 0, 12, "One person, one place, one want."),
            ("disturbance", "Disturbance", 15, 15, "What makes today different."),
            ("pressure", "Pressure", 20, 65, "It gets tighter, step by step."),
            ("reversal", "Reversal", 72, 72, "The one turn that it is told for."),
            ("image", "Last image", 92, 100, "What stays."),
        ),
    ),
)

AD_30 = Format(
    id="ad_30",
    version=1,
    name="Advertisement of 30 s",
    summary="Hook, problem, turn, product, end card.",
    scope=Scope.STORY,
    length=Length(28, 30, 31),
    parts=_parts(("story", "Story", 0, 67), ("product", "Product", 67, 100)),
    beats=_beats(
        4,
        (
            ("hook", "Hook", 0, 10, "Why to look up."),
            ("problem", "Problem", 10, 26.7, "What everybody knows."),
            ("turn", "Turn", 26.7, 66.7, "What it would be like."),
            ("product", "Product", 66.7, 90, "What does it, in use."),
            ("end_card", "End card", 90, 100, "Name, claim, where."),
        ),
    ),
    rules=Rules(hook_s=3, scene_s_max=15),
)

VERTICAL_MICRO = Format(
    id="vertical_micro",
    version=1,
    name="Vertical episode",
    summary="One to two minutes for a phone held upright; ends on an open question.",
    scope=Scope.STORY,
    length=Length(45, 90, 150),
    parts=_parts(("hook", "Hook", 0, 5), ("story", "Story", 5, 90), ("cliff", "Cliff", 90, 100)),
    beats=_beats(
        6,
        (
            ("hook", "Hook", 0, 5, "In the middle of it, a face."),
            ("status", "Status", 5, 20, "Who has power over whom."),
            ("disruption", "Disruption", 30, 30, "Somebody knows, comes, or hits."),
            ("reaction", "Reaction", 35, 80, "The face of whom it happens to."),
            ("cliff", "Cliff", 92, 100, "A consequence that is not resolved."),
        ),
    ),
    rules=Rules(hook_s=3, scene_s_max=60, aspect=(9, 16)),
)

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        format.id: format
        for format in (
            THREE_ACT,
            FOUR_PART,
            FIFTEEN_BEAT,
            HOUR_FIVE_ACTS,
            HALF_HOUR,
            SERIAL_SIXTEEN,
            SHORT_FILM,
            AD_30,
            VERTICAL_MICRO,
        )
    }
)
"""The newest version of each."""
VERSIONS: Mapping[tuple[str, int], Format] = MappingProxyType(
    {(format.id, format.version): format for format in FORMATS.values()}
)
"""Every version that there ever was. A place that changes is a new version; tests hold the old ones."""
DEFAULTS: Mapping[str, str] = MappingProxyType(
    {"movie": THREE_ACT.id, "short": SHORT_FILM.id, "series": HOUR_FIVE_ACTS.id}
)
"""By the kind of a project."""


def format_of(format_id: str, version: int | None = None) -> Format:
    """The newest, or exactly `version`. Raises `NoSuchFormat`."""
    found = FORMATS.get(format_id) if version is None else VERSIONS.get((format_id, version))
    if found is None:
        raise NoSuchFormat(NoSuchFormat.__doc__)
    return found
