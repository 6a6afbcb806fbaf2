"""The provider of one machine: its file, to whom it sends codes, and what it gives for them."""

import socket
import stat
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from deploy.local.issuer import CODE_TTL_S, HOST, Issuer, IssuerPerson, provider_file
from deploy.local.ports import free_port
from services.users.openid.settings import load_providers

ANA = IssuerPerson("Ana", "ana@example.com")
VERIFIER = "v" * 43
ASKED = {
    "client_id": "tool",
    "redirect_uri": "http://127.0.0.1:9/done",
    "code_challenge": urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode(),
}


def test_its_file_keeps_its_port_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    path, port = provider_file(tmp_path)
    assert provider_file(tmp_path) == (path, port)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    [provider] = load_providers(path)
    assert provider.is_local and urlsplit(provider.issuer).netloc == f"{HOST}:{port}"


def test_a_port_that_is_taken_is_left_to_whoever_has_it(tmp_path: Path) -> None:
    path, port = provider_file(tmp_path)
    with socket.create_server((HOST, port)):
        _, other = provider_file(tmp_path)
    assert other != port
    assert urlsplit(load_providers(path)[0].issuer).port == other


@pytest.mark.parametrize(
    ("redirect_uri", "accepted"),
    [
        ("http://127.0.0.1:9/done", True),
        ("http://localhost:9/done", True),
        ("http://[::1]:9/done", True),
        ("https://studio.test/signin/local/callback", True),
        ("https://studio.test.evil/", False),
        ("http://127.0.0.1.evil.test/", False),
        ("https://evil.test/127.0.0.1", False),
        ("javascript:alert(1)//127.0.0.1", False),
        ("", False),
    ],
)
def test_codes_stay_on_this_machine(redirect_uri: str, accepted: bool) -> None:
    issuer = Issuer(f"http://127.0.0.1:{free_port()}", [ANA], frozenset({"https://studio.test"}))
    assert issuer.accepts({"client_id": "tool", "redirect_uri": redirect_uri}) is accepted


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"client_id": "other"},
        {"redirect_uri": "http://127.0.0.1:9/other"},
        {"code": "other"},
    ],
)
def test_a_code_is_for_whoever_asked_and_once(changes: dict[str, str]) -> None:
    issuer = Issuer("http://127.0.0.1:9", [ANA])
    form = {**ASKED, "code_verifier": VERIFIER}
    assert issuer.redeem({**form, "code": issuer.grant(ANA, ASKED), **changes}) is None
    code = issuer.grant(ANA, ASKED)
    assert issuer.redeem({**form, "code": code}) is not None
    assert issuer.redeem({**form, "code": code}) is None


def test_a_code_is_over_after_a_minute() -> None:
    now = [1_800_000_000.0]
    issuer = Issuer("http://127.0.0.1:9", [ANA], now=lambda: now[0])
    code = issuer.grant(ANA, ASKED)
    now[0] += CODE_TTL_S
    assert issuer.redeem({**ASKED, "code_verifier": VERIFIER, "code": code}) is None
