"""Tokens: what verifies, and everything that must not."""

import base64
import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from services.users.errors import TokenExpired, TokenForged, TtlOutOfRange
from services.users.keys import SigningKeys, create_keys
from services.users.model import Actor, Role
from services.users.tokens import (
    CLOCK_LEEWAY_S,
    DOCUMENT_TTL_S_MAX,
    LONG_TTL_S_MAX,
    TOKEN_CHARS_MAX,
    Audience,
    Tokens,
    token_free,
)

NOW = 1_800_000_000.0
ISSUER = "http://studio.test"
ACTOR = Actor(UUID(int=7), "Ada", "#aa33bb", "person", "")
DOCUMENT = UUID(int=9)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    path: Path = tmp_path_factory.mktemp("keys") / "keys.json"
    return create_keys(path)


@pytest.fixture
def tokens(keys: SigningKeys) -> Tokens:
    return Tokens(keys, ISSUER)


def signed(keys: SigningKeys, **changes: Any) -> str:
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": Audience.SESSION.value,
        "sub": str(ACTOR.user_id),
        "jti": str(uuid4()),
        "exp": int(NOW) + 60,
    }
    claims.update(changes)
    claims = {name: value for name, value in claims.items() if value is not ...}
    return jwt.encode({"alg": "ES256", "kid": keys.signer.kid}, claims, keys.signer, algorithms=["ES256"])


def test_a_session_comes_back(tokens: Tokens) -> None:
    issued = tokens.issue_session(ACTOR, NOW, 60)
    claims = tokens.verify_session(issued.text, NOW)
    assert (claims.user_id, claims.token_id, claims.kind) == (ACTOR.user_id, issued.token_id, "person")
    assert claims.expires_at == issued.expires_at == NOW + 60
    assert claims.document_id is None and claims.role is None


def test_a_document_token_comes_back(tokens: Tokens) -> None:
    jti = uuid4()
    issued = tokens.issue_document(ACTOR, DOCUMENT, Role.VIEWER, NOW, 60, jti)
    claims = tokens.verify_document(issued.text, NOW)
    assert (claims.document_id, claims.role, claims.token_id) == (DOCUMENT, Role.VIEWER, jti)


@pytest.mark.parametrize("once", [True, False])
def test_a_sign_in_token_comes_back(tokens: Tokens, once: bool) -> None:
    issued = tokens.issue_sign_in(ACTOR.user_id, NOW, once=once)
    assert tokens.verify_sign_in(issued.text, NOW).once is once


def test_expiry_allows_for_skewed_clocks_and_no_more(tokens: Tokens) -> None:
    issued = tokens.issue_session(ACTOR, NOW, 60)
    assert tokens.verify_session(issued.text, NOW + 60 + CLOCK_LEEWAY_S - 1).user_id == ACTOR.user_id
    with pytest.raises(TokenExpired):
        tokens.verify_session(issued.text, NOW + 60 + CLOCK_LEEWAY_S)


@pytest.mark.parametrize("made_for", list(Audience))
@pytest.mark.parametrize("used_for", list(Audience))
def test_a_token_opens_only_its_own_door(tokens: Tokens, made_for: Audience, used_for: Audience) -> None:
    issued = {
        Audience.SESSION: tokens.issue_session(ACTOR, NOW),
        Audience.DOCUMENT: tokens.issue_document(ACTOR, DOCUMENT, Role.EDITOR, NOW),
        Audience.SIGN_IN: tokens.issue_sign_in(ACTOR.user_id, NOW),
    }[made_for]
    if made_for is used_for:
        assert tokens.verify(issued.text, NOW, used_for).audience is made_for
    else:
        with pytest.raises(TokenForged):
            tokens.verify(issued.text, NOW, used_for)


def test_another_studios_tokens_are_forged(tokens: Tokens, keys: SigningKeys, tmp_path: Path) -> None:
    same_keys_elsewhere = Tokens(keys, "http://elsewhere.test")
    other_keys = Tokens(create_keys(tmp_path / "other.json"), ISSUER)
    for foreign in (same_keys_elsewhere, other_keys):
        with pytest.raises(TokenForged):
            tokens.verify_session(foreign.issue_session(ACTOR, NOW).text, NOW)


def test_an_expired_forgery_is_forged_not_expired(tokens: Tokens, tmp_path: Path) -> None:
    other_keys = Tokens(create_keys(tmp_path / "other.json"), ISSUER)
    with pytest.raises(TokenForged):
        tokens.verify_session(other_keys.issue_session(ACTOR, NOW - 3600, 60).text, NOW)


def test_no_algorithm_and_other_algorithms_are_refused(tokens: Tokens, keys: SigningKeys) -> None:
    header, payload, _ = tokens.issue_session(ACTOR, NOW).text.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    public = json.dumps(keys.jwks()["keys"][0]).encode()
    hmac = jwt.encode(
        {"alg": "HS256", "kid": keys.signer.kid},
        {"iss": ISSUER, "aud": Audience.SESSION.value, "sub": str(ACTOR.user_id), "exp": int(NOW) + 60},
        OctKey.import_key(public),
        algorithms=["HS256"],
    )
    for text in (f"{none}.{payload}.", f"{none}.{payload}.AAAA", f"{header}.{payload}.", hmac):
        with pytest.raises(TokenForged):
            tokens.verify_session(text, NOW)


def test_a_key_that_signs_itself_in_is_refused(tokens: Tokens, keys: SigningKeys) -> None:
    mine = ECKey.generate_key("P-256")
    header = {"alg": "ES256", "kid": keys.signer.kid, "jwk": mine.as_dict(private=False)}
    text = jwt.encode(header, {"iss": ISSUER, "aud": Audience.SESSION.value}, mine, algorithms=["ES256"])
    with pytest.raises(TokenForged):
        tokens.verify_session(text, NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": ...},
        {"sub": "somebody"},
        {"sub": 7},
        {"jti": ...},
        {"jti": "x"},
        {"exp": ...},
        {"exp": "soon"},
        {"exp": True},
        {"aud": ...},
        {"aud": ["storyforge:session"]},
        {"aud": "storyforge:admin"},
        {"iss": ...},
        {"role": "owner", "doc": str(DOCUMENT)},
    ],
)
def test_a_good_signature_over_bad_claims_is_not_enough(
    tokens: Tokens, keys: SigningKeys, changes: dict[str, Any]
) -> None:
    assert tokens.verify_session(signed(keys), NOW)
    with pytest.raises(TokenForged):
        tokens.verify_session(signed(keys, **changes), NOW)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "\u2603.\u2603.\u2603", "é", "x" * (TOKEN_CHARS_MAX + 1)])
def test_nonsense_is_forged(tokens: Tokens, text: str) -> None:
    with pytest.raises(TokenForged):
        tokens.verify_session(text, NOW)


def test_every_flipped_character_is_noticed(tokens: Tokens) -> None:
    text = tokens.issue_session(ACTOR, NOW).text
    body = len(text) - 1  # the last character holds padding bits that carry nothing
    for place in range(0, body, 7):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(TokenForged):
            tokens.verify_session(changed, NOW)


@pytest.mark.parametrize("ttl_s", [0, -1, DOCUMENT_TTL_S_MAX + 1])
def test_document_tokens_last_at_most_twelve_hours(tokens: Tokens, ttl_s: float) -> None:
    with pytest.raises(TtlOutOfRange):
        tokens.issue_document(ACTOR, DOCUMENT, Role.VIEWER, NOW, ttl_s)


def test_no_token_lasts_longer_than_a_year(tokens: Tokens) -> None:
    with pytest.raises(TtlOutOfRange):
        tokens.issue_sign_in(ACTOR.user_id, NOW, LONG_TTL_S_MAX + 1)


@pytest.mark.parametrize(
    ("line", "free"),
    [
        ("GET /sync/sb:x?token=abc.def&v=1 HTTP/1.1", "GET /sync/sb:x?token=[removed]&v=1 HTTP/1.1"),
        ("?token=a&ticket=b token=c", "?token=[removed]&ticket=[removed] token=[removed]"),
        ("/v1/media/ab?exp=1&sig=xyz", "/v1/media/ab?exp=1&sig=[removed]"),
        (f"saw tkt_{'x' * 43} twice", "saw [removed] twice"),
        ("nothing to hide: 3 tokens", "nothing to hide: 3 tokens"),
    ],
)
def test_logs_get_no_secrets(line: str, free: str) -> None:
    assert token_free(line) == free


def test_logs_get_no_bare_token(tokens: Tokens) -> None:
    text = tokens.issue_session(ACTOR, NOW).text
    assert token_free(f"Bearer {text} was refused") == "Bearer [removed] was refused"


def test_a_token_that_was_verified_before_is_still_asked_for_its_time_and_its_door(tokens: Tokens) -> None:
    text = tokens.issue_document(ACTOR, DOCUMENT, Role.VIEWER, NOW, 60).text
    assert tokens.verify_document(text, NOW) == tokens.verify_document(text, NOW)
    with pytest.raises(TokenForged):
        tokens.verify_session(text, NOW)
    with pytest.raises(TokenExpired):
        tokens.verify_document(text, NOW + 3600)
    header, claims, signature = text.split(".")
    with pytest.raises(TokenForged):
        tokens.verify_document(f"{header}.{claims}.{signature[::-1]}", NOW)


def test_only_so_many_tokens_are_remembered(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.users.tokens.REMEMBERED_MAX", 2)
    texts = [tokens.issue_session(ACTOR, NOW + number).text for number in range(4)]
    for text in (*texts, *texts):
        assert tokens.verify_session(text, NOW).user_id == ACTOR.user_id
    assert len(tokens._remembered) == 2
