"""Copies of projects over HTTP: asked for once, followed until they are there, stopped by who asked."""

from prometheus_client import CollectorRegistry

from jobs.copyist import Copyist
from jobs.metrics import WorkerMetrics
from sync import ids
from tests.integration.api.studio import Person, Studio, path
from tests.integration.projects.original import House


async def copy_what_waits(studio: Studio) -> None:
    stores = studio.state.stores
    house = House.over(stores.pool, stores.objects, stores.bus)
    await Copyist(house.copying, WorkerMetrics(CollectorRegistry()), "w1").round()


async def test_a_copy_is_asked_for_and_followed(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    await studio.scene(ada, project, title="Kitchen", prompt="A kettle.")
    key = {"Idempotency-Key": ids.to_text("tst", project.id)}
    asked = await ada.http.post(f"{path(project)}/duplicates", json={"title": "Day train"}, headers=key)
    assert asked.status_code == 202, asked.text
    again = await ada.http.post(f"{path(project)}/duplicates", json={"title": "Day train"}, headers=key)
    assert again.json() == asked.json()
    where = asked.headers["location"]
    queued = (await ada.http.get(where)).json()
    assert (queued["state"], queued["source"]) == ("queued", ids.to_text("prj", project.id))
    assert (await ada.http.get(f"/v1/projects/{queued['project']}")).status_code == 404
    await copy_what_waits(studio)
    done = (await ada.http.get(where)).json()
    assert (done["state"], done["done"]) == ("complete", done["total"])
    copy = (await ada.http.get(f"/v1/projects/{done['project']}")).json()
    assert (copy["title"], copy["role"], copy["template"]) == ("Day train", "owner", False)
    [scene] = (await ada.http.get(f"/v1/projects/{done['project']}/scenes")).json()["scenes"]
    assert (scene["title"], scene["prompt"]) == ("Kitchen", "A kettle.")
    listed = (await ada.http.get("/v1/projects")).json()["projects"]
    assert [each["title"] for each in listed] == ["Day train", "Night train"]


async def test_templates_are_listed_apart(studio: Studio, ada: Person) -> None:
    project = await studio.project(ada)
    asked = await ada.http.post(f"{path(project)}/duplicates", json={"title": "House style", "template": True})
    await copy_what_waits(studio)
    [template] = (await ada.http.get("/v1/projects", params={"templates": True})).json()["projects"]
    assert (template["id"], template["template"]) == (asked.json()["project"], True)
    [other] = (await ada.http.get("/v1/projects")).json()["projects"]
    assert other["id"] == ids.to_text("prj", project.id)
    made = await ada.http.post(f"/v1/projects/{template['id']}/duplicates", json={"title": "Film"})
    await copy_what_waits(studio)
    assert (await ada.http.get(f"/v1/projects/{made.json()['project']}")).json()["template"] is False


async def test_who_may_see_and_stop_a_copy(studio: Studio, ada: Person, bob: Person, cem: Person) -> None:
    project = await studio.project(ada, viewer=bob)
    asked = (await ada.http.post(f"{path(project)}/duplicates", json={})).json()
    where = f"/v1/duplications/{asked['id']}"
    seen = await bob.http.get(where)
    assert (seen.status_code, seen.json()["project"]) == (200, None)
    assert (await bob.http.post(f"{where}/cancel")).status_code == 403
    for attempt in (cem.http.get(where), cem.http.post(f"{where}/cancel")):
        refused = await attempt
        assert (refused.status_code, refused.json()["code"]) == (404, "duplication.missing")
    assert (await ada.http.post(f"{where}/cancel")).json()["state"] == "cancelled"
    await copy_what_waits(studio)
    assert (await ada.http.get(where)).json()["state"] == "cancelled"
    assert (await ada.http.get(f"/v1/projects/{asked['project']}")).status_code == 404
