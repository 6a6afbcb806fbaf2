"""The pages: our own files under a strict policy, and nothing outside their folder."""

import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from api.main import application
from tests.integration.api.studio import URL, Studio


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    for name in ("index", "studio", "review", "tv", "people", "account", "project", "credits"):
        (folder / f"{name}.html").write_text(f"<!doctype html><title>{name}</title>")
    (folder / "assets" / "studio-abc123.js").write_text("export {};")
    (folder / "assets" / "face.woff2").write_bytes(b"\0\1")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "assets" / "out.js").symlink_to(tmp_path / "secret.txt")
    return folder


def client(studio: Studio, pages: Path | None) -> httpx.AsyncClient:
    state = replace(studio.state, settings=replace(studio.state.settings, pages_dir=pages))
    return httpx.AsyncClient(transport=httpx.ASGITransport(application(state)), base_url=URL)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "index"),
        ("/studio/prj_x", "studio"),
        ("/review/prj_x", "review"),
        ("/tv/prj_x", "tv"),
        ("/people/prj_x", "people"),
        ("/account", "account"),
        ("/project/prj_x", "project"),
        ("/credits/me", "credits"),
    ],
)
async def test_a_page_comes_with_its_policy(studio: Studio, pages: Path, path: str, name: str) -> None:
    async with client(studio, pages) as http:
        answer = await http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f"<title>{name}</title>" in answer.text
    policy = answer.headers["content-security-policy"]
    assert re.search(r"script-src 'self';", policy) and "default-src 'none'" in policy and "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-cache"


async def test_assets_have_their_types_and_stay(studio: Studio, pages: Path) -> None:
    async with client(studio, pages) as http:
        script = await http.get("/assets/studio-abc123.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert "immutable" in script.headers["cache-control"]
        assert (await http.get("/assets/face.woff2")).headers["content-type"] == "font/woff2"


@pytest.mark.parametrize(
    "name",
    ["../index.html", "..%2f..%2fsecret.txt", "%2e%2e/%2e%2e/secret.txt", "out.js", "", "none.js", "a%00b", "x" * 5000],
)
async def test_nothing_outside_the_folder(studio: Studio, pages: Path, name: str) -> None:
    async with client(studio, pages) as http:
        answer = await http.get(httpx.URL(URL + "/").copy_with(raw_path=f"/assets/{name}".encode()))
    assert answer.status_code == 404 and "secret" not in answer.text


async def test_without_pages_there_is_a_sentence(studio: Studio, tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        async with client(studio, folder) as http:
            answer = await http.get("/")
        assert (answer.status_code, answer.json()["code"]) == (404, "page.missing")
