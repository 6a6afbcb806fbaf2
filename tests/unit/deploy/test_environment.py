"""Where processes find their stores."""

from pathlib import Path

import pytest

from deploy.errors import SettingMissing
from deploy.local import environment
from deploy.local.embedded import Endpoints

STORES = Endpoints("postgresql://u:p@h/d", "redis://:p@h:1/0", "file:///objects")
COMPLETE = environment.to_reach(STORES, Path("/keys.json"), "http://studio.example")


def test_without_any_address_the_servers_are_embedded() -> None:
    assert environment.outside_stores({"HOME": "/home"}) is None


def test_all_three_addresses_are_used() -> None:
    assert environment.outside_stores(COMPLETE) == STORES


@pytest.mark.parametrize("missing", environment.STORES)
def test_a_part_of_the_addresses_is_refused(missing: str) -> None:
    partial = {name: value for name, value in COMPLETE.items() if name != missing}
    with pytest.raises(SettingMissing, match=missing):
        environment.outside_stores(partial)


def test_with_a_complete_environment_no_folder_is_needed(tmp_path: Path) -> None:
    assert environment.of_process(COMPLETE, None, tmp_path)["STORYFORGE_DATABASE_URL"] == STORES.database_url


def test_a_named_folder_wins_over_the_environment(tmp_path: Path) -> None:
    environment.remember(tmp_path, {**COMPLETE, "STORYFORGE_DATABASE_URL": "postgresql://folder"})
    found = environment.of_process(COMPLETE, tmp_path, Path("unused"))
    assert found["STORYFORGE_DATABASE_URL"] == "postgresql://folder"


def test_a_folder_on_which_nothing_was_started_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingMissing, match="serve stores --data"):
        environment.of_process({}, tmp_path, tmp_path)


def test_exports_survive_a_shell() -> None:
    assert environment.exports({"NAME": "it's; $(here)"}) == "export NAME='it'\"'\"'s; $(here)'\n"


def test_each_role_looks_after_its_own_dead(tmp_path: Path) -> None:
    environ = {environment.ANNOUNCEMENTS: str(tmp_path)}
    assert environment.of_role(environ, "hub", True)[environment.ANNOUNCEMENTS] == str(tmp_path / "hub")
    assert environment.ANNOUNCEMENTS not in environment.of_role({}, "hub", True)


def test_interpreted_code_may_take_longer_and_a_setting_wins() -> None:
    compiled, interpreted = (float(environment.of_role({}, "hub", it)[environment.STANDSTILL]) for it in (True, False))
    assert interpreted == environment.INTERPRETED_TIMES * compiled
    assert environment.of_role({environment.STANDSTILL: "3"}, "hub", True)[environment.STANDSTILL] == "3"
