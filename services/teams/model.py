"""Teams as values, and their rules; pure."""

from services.teams.errors import NameUnfit

NAME_CHARS_MAX = 80
TEAM_MEMBERS_MAX = 200
TEAMS_MADE_MAX = 50
TEAMS_LISTED_MAX = 200
"""Of one person, also those that others made."""
TEAM_PREFIX = "team"


def checked_name(name: str) -> str:
    """Raises `NameUnfit`."""
    stripped = name.strip()
    if not 1 <= len(stripped) <= NAME_CHARS_MAX or "\0" in stripped:
        raise NameUnfit(f"The name has {len(stripped)} characters; it needs between 1 and {NAME_CHARS_MAX}.")
    return stripped
