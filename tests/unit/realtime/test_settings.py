"""What a hub is told by its environment, and what it does not accept."""

import pytest

from realtime.settings import REPLICA_PROCESSES_MAX, HubSettings


@pytest.mark.parametrize(("said", "read"), [({}, REPLICA_PROCESSES_MAX), ({"": "3"}, 3)])
def test_replica_processes(said: dict[str, str], read: int) -> None:
    environ = {f"STORYFORGE_REPLICA_PROCESSES_MAX{name}": value for name, value in said.items()}
    assert HubSettings.from_env(environ).replica_processes_max == read


@pytest.mark.parametrize("said", ["0", "-1", "many"])
def test_a_hub_has_at_least_one(said: str) -> None:
    with pytest.raises(ValueError, match=said):
        HubSettings.from_env({"STORYFORGE_REPLICA_PROCESSES_MAX": said})
