"""The environment variables by which StoryForge's processes find their stores, made for one data folder.

Reads files that a start has written; starts nothing.
"""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

from deploy.errors import SettingMissing
from deploy.local.embedded import Endpoints
from deploy.local.folder import write_private

STORES = ("STORYFORGE_DATABASE_URL", "STORYFORGE_REDIS_URL", "STORYFORGE_OBJECTS_URL")
FILE = "environment.json"
KEYS = "STORYFORGE_SIGNING_KEYS_FILE"
PUBLIC_URL = "STORYFORGE_PUBLIC_URL"
PUBLIC_URL_DEFAULT = "http://127.0.0.1:8420"
PAGES_DIR = "STORYFORGE_PAGES_DIR"
ANNOUNCEMENTS = "STORYFORGE_ANNOUNCEMENTS_DIR"
MAIL = "STORYFORGE_MAIL_URL"
CASHIER = "STORYFORGE_LOCAL_CASHIER"
"""Credits are sold on this machine without money."""
STANDSTILL = "STORYFORGE_STANDSTILL_CPU_S"
STANDSTILL_CPU_S = {"hub": 1.5, "api": 5.0, "worker": 10.0}
"""Many times what the longest step of each takes; a hub's people wait for its end."""
INTERPRETED_TIMES = 10.0
PAGES = Path(__file__).resolve().parents[2] / "client-protocol" / "typescript" / "dist"


def outside_stores(environ: Mapping[str, str]) -> Endpoints | None:
    """The servers that the environment names, None when it names none. Raises `SettingMissing` for a part of them."""
    present = [name for name in STORES if environ.get(name)]
    if not present:
        return None
    if len(present) < len(STORES):
        missing = ", ".join(name for name in STORES if name not in present)
        raise SettingMissing(
            f"{', '.join(present)} is set but {missing} is not: set all three, or none for embedded servers."
        )
    return Endpoints(*(environ[name] for name in STORES))


def to_reach(stores: Endpoints, keys: Path, public_url: str) -> dict[str, str]:
    """What `./dev env` prints. The public URL is in it because every process must name the same issuer of tokens."""
    urls = (stores.database_url, stores.redis_url, stores.objects_url)
    return dict(zip(STORES, urls, strict=True)) | {KEYS: str(keys), PUBLIC_URL: public_url}


def of_process(environ: Mapping[str, str], data: Path | None, default: Path) -> dict[str, str]:
    """For a process that uses running stores: those of the environment, else of the data folder.

    `data`: as given; with a complete environment it is not needed. Raises `SettingMissing`.
    """
    defaults = {PUBLIC_URL: PUBLIC_URL_DEFAULT, PAGES_DIR: str(PAGES)}
    if data is None and outside_stores(environ) is not None and environ.get(KEYS):
        return defaults | dict(environ)
    folder = data or default
    ours = {ANNOUNCEMENTS: str(folder / "announcements"), MAIL: mail_url(folder), CASHIER: "1"}
    return defaults | ours | dict(environ) | recall(folder)


def mail_url(folder: Path) -> str:
    """Mail of a data folder is written into it and goes nowhere."""
    return (folder.resolve() / "mail").as_uri()


def of_role(environ: Mapping[str, str], role: str, is_compiled: bool) -> dict[str, str]:
    """Each role looks after its own dead, and has its own idea of standing still (consistency.md C5)."""
    cpu_s = STANDSTILL_CPU_S[role] * (1.0 if is_compiled else INTERPRETED_TIMES)
    found = {STANDSTILL: str(cpu_s)} | dict(environ)
    if found.get(ANNOUNCEMENTS):
        found[ANNOUNCEMENTS] = str(Path(found[ANNOUNCEMENTS]) / role)
    return found


def remember(folder: Path, variables: Mapping[str, str]) -> None:
    """Written at each start, 0600, for `env` and `serve` in other terminals."""
    write_private(folder / FILE, json.dumps(dict(variables), indent=2))


def recall(folder: Path) -> dict[str, str]:
    """Raises `SettingMissing` where no StoryForge has been started yet."""
    try:
        variables: dict[str, str] = json.loads((folder / FILE).read_text())
    except FileNotFoundError:
        raise SettingMissing(f"Nothing was started on {folder} yet. Run: ./dev serve stores --data {folder}") from None
    return variables


def exports(variables: Mapping[str, str]) -> str:
    """Lines for `eval "$(./dev env --data DIR)"`."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
