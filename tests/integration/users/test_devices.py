"""Devices sign in by a code: as programs do, as pages do; what is guessed, refused, renewed, stolen and signed out."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from authlib.integrations.httpx_client import AsyncOAuth2Client

from api.main import application
from services.users.devices import GRANT_TTL_S, GUESSES_MAX, GUESSES_WINDOW_S, INTERVAL_S, SLOW_DOWN_S
from services.users.refresh import ACCESS_TTL_S, REFRESH_TTL_S
from services.users.sessions import COOKIE
from tests.integration.api.studio import URL, Person, Studio, path

TV = "storyforge-tv"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass
class Screen:
    """A device in front of the studio's door; `now` moves the studio's clock for it."""

    http: httpx.AsyncClient
    skipped_s: float = 0.0
    codes: Any = None

    async def begin(self, name: str = "TV in the lounge") -> str:
        answer = await self.http.post("/oauth/device_authorization", data={"client_id": TV, "device_name": name})
        assert answer.status_code == 200, answer.text
        self.codes = answer.json()
        return str(self.codes["user_code"])

    async def ask(self, **changes: str) -> httpx.Response:
        fields = {"grant_type": DEVICE_GRANT, "client_id": TV, "device_code": self.codes["device_code"], **changes}
        return await self.http.post("/oauth/token", data=fields)

    async def renew(self, refresh_token: str) -> httpx.Response:
        fields = {"grant_type": "refresh_token", "client_id": TV, "refresh_token": refresh_token}
        return await self.http.post("/oauth/token", data=fields)

    def now(self) -> float:
        return time.time() + self.skipped_s


@pytest_asyncio.fixture
async def screen(studio: Studio) -> AsyncIterator[Screen]:
    made = Screen(studio.client())
    app = application(replace(studio.state, now=made.now))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL, headers={"Origin": URL}) as http:
        made.http = http
        yield made


async def approve(person: Person, code: str, approve: bool = True) -> httpx.Response:
    return await person.http.post(f"/v1/device-codes/{code}", json={"approve": approve})


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_a_program_finds_the_way_by_itself(studio: Studio) -> None:
    async with studio.client() as http:
        found = (await http.get("/.well-known/oauth-authorization-server")).json()
        assert found["issuer"] == URL and DEVICE_GRANT in found["grant_types_supported"]
        answer = await http.post(found["device_authorization_endpoint"], data={"client_id": TV})
        codes = answer.json()
        assert urlsplit(codes["verification_uri"]).path == "/device"
        assert codes["verification_uri_complete"] == f"{URL}/device?code={codes['user_code']}"
        assert (codes["expires_in"], codes["interval"]) == (GRANT_TTL_S, INTERVAL_S)
        assert answer.headers["cache-control"] == "no-store"


async def test_a_stock_client_signs_in_by_a_device_code_and_renews_its_tokens(studio: Studio, ada: Person) -> None:
    stock = AsyncOAuth2Client(
        client_id=TV,
        token_endpoint_auth_method="none",
        token_endpoint=f"{URL}/oauth/token",
        transport=httpx.ASGITransport(application(studio.state)),
    )
    async with stock, studio.client() as http:
        codes = (await http.post("/oauth/device_authorization", data={"client_id": TV})).json()
        await approve(ada, codes["user_code"])
        token = await stock.fetch_token(grant_type=DEVICE_GRANT, device_code=codes["device_code"])
        assert (await stock.get(f"{URL}/v1/me")).json()["name"] == "Ada"
        renewed = await stock.refresh_token(refresh_token=token["refresh_token"])
        assert renewed["refresh_token"] != token["refresh_token"]
        assert (await stock.get(f"{URL}/v1/me")).status_code == 200


async def test_a_device_comes_in_as_whoever_enters_its_code_and_only_looks(
    studio: Studio, screen: Screen, ada: Person
) -> None:
    project = await studio.project(ada)
    code = await screen.begin()
    asking = (await ada.http.get(f"/v1/device-codes/{code.lower()}")).json()
    assert (asking["device"], asking["address"]) == ("TV in the lounge", "127.0.0.1")
    assert (await screen.ask()).json()["error"] == "authorization_pending"
    assert (await approve(ada, code)).status_code == 200
    granted = await screen.ask()
    assert granted.status_code == 200 and granted.json()["token_type"] == "Bearer"
    assert granted.json()["expires_in"] == ACCESS_TTL_S
    headers = bearer(granted)
    assert (await screen.http.get("/v1/me", headers=headers)).json()["name"] == "Ada"
    assert (await screen.http.get(path(project), headers=headers)).json()["role"] == "viewer"
    changed = await screen.http.patch(path(project), headers=headers, json={"title": "Taken over"})
    assert changed.status_code == 403
    other = await screen.http.post("/v1/projects", headers=headers, json={"title": "Mine"})
    assert other.status_code == 403
    assert (await screen.http.get(f"/v1/device-codes/{code}", headers=headers)).json()["code"] == "key.scope"
    assert (await screen.ask()).json()["error"] == "expired_token", "a code is good once"


async def test_a_device_that_asks_too_often_has_to_wait_longer(screen: Screen, ada: Person) -> None:
    code = await screen.begin()
    assert (await screen.ask()).json()["error"] == "authorization_pending"
    assert (await screen.ask()).json()["error"] == "slow_down"
    screen.skipped_s += INTERVAL_S
    assert (await screen.ask()).json()["error"] == "slow_down"
    screen.skipped_s += INTERVAL_S + 2 * SLOW_DOWN_S
    assert (await screen.ask()).json()["error"] == "authorization_pending"
    await approve(ada, code)
    assert (await screen.ask()).status_code == 200


async def test_a_device_may_be_sent_away(screen: Screen, ada: Person) -> None:
    code = await screen.begin()
    assert (await approve(ada, code, False)).status_code == 200
    assert (await screen.ask()).json()["error"] == "access_denied"
    assert (await screen.ask()).json()["error"] == "expired_token"
    assert (await approve(ada, code)).json()["code"] == "device.code_missing", "it was decided"


async def test_a_code_is_over_after_ten_minutes(screen: Screen, ada: Person) -> None:
    code = await screen.begin()
    screen.skipped_s = GRANT_TTL_S + 1
    late = await screen.http.get(f"/v1/device-codes/{code}", headers=ada.http.headers)
    assert (late.status_code, late.json()["code"]) == (404, "device.code_missing")
    assert (await screen.ask()).json()["error"] == "expired_token"


async def test_codes_are_not_found_by_trying(screen: Screen, ada: Person, bob: Person) -> None:
    code = await screen.begin()
    wrong = "BBBB-BBBB" if code != "BBBB-BBBB" else "CCCC-CCCC"
    answers = await asyncio.gather(*(ada.http.get(f"/v1/device-codes/{wrong}") for _ in range(GUESSES_MAX + 5)))
    assert sorted(answer.status_code for answer in answers) == [404] * GUESSES_MAX + [429] * 5
    refused = await approve(ada, code)
    assert (refused.status_code, refused.json()["code"]) == (429, "device.guesses")
    assert refused.headers["retry-after"] == str(GUESSES_WINDOW_S) and refused.json()["limit"] == GUESSES_MAX
    assert (await approve(bob, code)).status_code == 200, "others go on"


@pytest.mark.parametrize("code", ["BCDF", "BCDFHJKLM", "%00", "☃", "BCDF-HJK0"])
async def test_what_is_no_code_is_a_wrong_one(ada: Person, code: str) -> None:
    assert (await ada.http.get(f"/v1/device-codes/{code}")).json()["code"] == "device.code_missing"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"client_id": "other"}, "invalid_client"),
        ({"client_id": ""}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"device_code": "dvc_other"}, "expired_token"),
        ({"device_code": "x" * 200}, "invalid_request"),
    ],
)
async def test_what_oauth_refuses_it_refuses_in_its_own_form(
    screen: Screen, fields: dict[str, str], error: str
) -> None:
    await screen.begin()
    answer = await screen.ask(**fields)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["content-type"] == "application/json"
    doubled = await screen.http.post(
        "/oauth/token",
        content="client_id=a&client_id=b&grant_type=c",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert doubled.json()["error"] == "invalid_request"
    assert (await screen.http.post("/oauth/token", json={})).json()["error"] == "invalid_request"


async def test_a_page_gets_its_session_in_a_cookie_and_no_token(screen: Screen, ada: Person) -> None:
    code = await screen.begin()
    body = {"client_id": TV, "device_code": screen.codes["device_code"]}
    assert (await screen.http.post("/v1/sessions", json=body)).json() == {"state": "pending", "interval_s": INTERVAL_S}
    slower = {"state": "pending", "interval_s": INTERVAL_S + SLOW_DOWN_S}
    assert (await screen.http.post("/v1/sessions", json=body)).json() == slower
    await approve(ada, code)
    answer = await screen.http.post("/v1/sessions", json=body)
    assert answer.json() == {"state": "open", "interval_s": None}
    assert "httponly" in answer.headers["set-cookie"].lower() and COOKIE in screen.http.cookies
    assert (await screen.http.get("/v1/me")).json()["name"] == "Ada"
    assert (await screen.http.post("/v1/sessions", json=body)).json()["code"] == "device.over"


async def signed_in(screen: Screen, person: Person) -> httpx.Response:
    await approve(person, await screen.begin())
    answer = await screen.ask()
    assert answer.status_code == 200, answer.text
    return answer


async def test_a_refresh_token_is_good_once_and_a_second_use_ends_the_family(screen: Screen, ada: Person) -> None:
    first = await signed_in(screen, ada)
    other = await signed_in(screen, ada)
    second = await screen.renew(first.json()["refresh_token"])
    assert second.status_code == 200
    third = await screen.renew(second.json()["refresh_token"])
    assert (await screen.http.get("/v1/me", headers=bearer(third))).status_code == 200
    stolen = await screen.renew(second.json()["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert (await screen.renew(third.json()["refresh_token"])).json()["error"] == "invalid_grant"
    for answer in (first, second, third):
        assert (await screen.http.get("/v1/me", headers=bearer(answer))).json()["code"] == "token.revoked"
    assert (await screen.http.get("/v1/me", headers=bearer(other))).status_code == 200, "another sign-in"


async def test_of_two_who_renew_at_once_one_is_refused_and_both_are_out(screen: Screen, ada: Person) -> None:
    token = (await signed_in(screen, ada)).json()["refresh_token"]
    answers = await asyncio.gather(*(screen.renew(token) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    [good] = [answer for answer in answers if answer.status_code == 200]
    assert (await screen.http.get("/v1/me", headers=bearer(good))).json()["code"] == "token.revoked"


async def test_a_refresh_token_is_over_after_ninety_days_and_no_other_clients(screen: Screen, ada: Person) -> None:
    token = (await signed_in(screen, ada)).json()["refresh_token"]
    screen.skipped_s = REFRESH_TTL_S + 1
    assert (await screen.renew(token)).json()["error"] == "invalid_grant"
    screen.skipped_s = 0
    assert (await screen.renew(token)).status_code == 200
    assert (await screen.renew("rft_never")).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("how", ["revoke", "sign-out", "everywhere"])
async def test_a_device_is_signed_out(screen: Screen, studio: Studio, ada: Person, how: str) -> None:
    granted = await signed_in(screen, ada)
    if how == "revoke":
        answer = await screen.http.post("/oauth/revoke", data={"token": granted.json()["refresh_token"]})
        assert answer.status_code == 200
        assert (await screen.http.post("/oauth/revoke", data={"token": "rft_never"})).status_code == 200
    elif how == "sign-out":
        assert (await screen.http.post("/v1/sign-out", headers=bearer(granted))).status_code == 204
    else:
        assert (await ada.http.post("/v1/sign-out", json={"everywhere": True})).status_code == 204
    assert (await screen.http.get("/v1/me", headers=bearer(granted))).json()["code"] == "token.revoked"
    assert (await screen.renew(granted.json()["refresh_token"])).json()["error"] == "invalid_grant"


async def test_no_token_is_stored_or_written_down(
    screen: Screen, ada: Person, studio: Studio, caplog: pytest.LogCaptureFixture
) -> None:
    granted = await signed_in(screen, ada)
    secrets = [screen.codes["device_code"], granted.json()["refresh_token"], granted.json()["access_token"]]
    pool = studio.state.stores.pool
    for table in ("refresh_tokens", "issued_tokens", "device_grants", "audit_log"):
        kept = str(await pool.fetch(f"select * from {table}"))
        assert not any(secret in kept for secret in secrets), table
    assert not any(secret in record.getMessage() for record in caplog.records for secret in secrets)
