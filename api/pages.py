"""The web pages and their assets, as Vite built them, under a policy that allows only our own files.

Nothing is made here: a page asks the API for everything.
"""

import mimetypes
from pathlib import Path

from starlette.responses import FileResponse, Response

from api.call import Call
from api.errors import PageMissing
from api.operation import Operation

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self' ws: wss:; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
ASSET_CACHE = "public, max-age=31536000, immutable"
"""Vite puts the hash of the content into the name."""
_TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


async def index(call: Call) -> Response:
    return _page(call, "index.html")


async def studio(call: Call) -> Response:
    return _page(call, "studio.html")


async def review(call: Call) -> Response:
    return _page(call, "review.html")


async def people(call: Call) -> Response:
    return _page(call, "people.html")


async def project(call: Call) -> Response:
    return _page(call, "project.html")


async def account(call: Call) -> Response:
    return _page(call, "account.html")


async def credits(call: Call) -> Response:
    return _page(call, "credits.html")


async def tv(call: Call) -> Response:
    return _page(call, "tv.html")


async def device(call: Call) -> Response:
    return _page(call, "device.html")


async def share(call: Call) -> Response:
    return _page(call, "share.html")


async def join(call: Call) -> Response:
    return _page(call, "join.html")


async def asset(call: Call) -> Response:
    path = _inside(_folder(call) / "assets", call.text("path"))
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return FileResponse(path, headers={"Cache-Control": ASSET_CACHE}, media_type=media_type)


def _page(call: Call, name: str) -> Response:
    path = _folder(call) / name
    if not path.is_file():
        raise PageMissing(f"{name} was not built; run: ./dev up")
    headers = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
    return FileResponse(path, headers=headers, media_type="text/html")


def _folder(call: Call) -> Path:
    folder = call.state.settings.pages_dir
    if folder is None:
        raise PageMissing("This door serves no pages: STORYFORGE_PAGES_DIR is not set.")
    return folder


def _inside(folder: Path, name: str) -> Path:
    """Raises `PageMissing` for what is not a file below `folder`, links out of it included."""
    try:
        path = (folder / name).resolve()
        found = path.is_relative_to(folder.resolve()) and path.is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL
        found = False
    if not found:
        raise PageMissing(PageMissing.__doc__)
    return path


OPERATIONS = (
    Operation("GET", "/", index, "pages", "Your projects", content="text/html", public=True, refusals=(404,)),
    Operation(
        "GET", "/studio/{project}", studio, "pages", "The studio", content="text/html", public=True, refusals=(404,)
    ),
    Operation(
        "GET",
        "/review/{project}",
        review,
        "pages",
        "The reviewer's page",
        content="text/html",
        public=True,
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/people/{project}",
        people,
        "pages",
        "Who belongs to a project",
        content="text/html",
        public=True,
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/credits/{wallet}",
        credits,
        "pages",
        "A wallet and its statements; `me` is one's own",
        content="text/html",
        public=True,
        refusals=(404,),
    ),
    Operation(
        "GET", "/tv/{project}", tv, "pages", "The film as it grows", content="text/html", public=True, refusals=(404,)
    ),
    Operation(
        "GET",
        "/project/{project}",
        project,
        "pages",
        "What a project consists of and is made in",
        content="text/html",
        public=True,
        refusals=(404,),
    ),
    Operation("GET", "/account", account, "pages", "Your account", content="text/html", public=True, refusals=(404,)),
    Operation("GET", "/device", device, "pages", "Let a device in", content="text/html", public=True, refusals=(404,)),
    Operation(
        "GET", "/share", share, "pages", "Come in by a share link", content="text/html", public=True, refusals=(404,)
    ),
    Operation("GET", "/join", join, "pages", "An invitation", content="text/html", public=True, refusals=(404,)),
    Operation(
        "GET",
        "/assets/{path:path}",
        asset,
        "pages",
        "Files of the pages",
        content="application/octet-stream",
        public=True,
        refusals=(404,),
    ),
)
