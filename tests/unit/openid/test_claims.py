"""What a provider's token must say: every claim of an ID token and of an access token, one wrong at a time."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from services.users.errors import TokenExpired, TokenForged
from services.users.openid.claims import (
    CLOCK_SKEW_S,
    Identity,
    PublicKey,
    access_of,
    identity_of,
    issuer_named,
    kid_and_algorithm,
)
from services.users.openid.provider import fitting_key, public_key
from services.users.openid.settings import Provider

NOW = 1_800_000_000.0
PROVIDER = Provider(name="p", title="P", issuer="https://p.test/", client_id="us", api_audience="api")
GOOD = {
    "iss": "https://p.test/",
    "sub": "s1",
    "aud": "us",
    "nonce": "n",
    "iat": NOW,
    "exp": NOW + 60,
    "email": "Mia@Studio.test ",
    "email_verified": True,
    "name": " Mia \n Okoro\0 ",
}


def changed(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}


def test_who_somebody_is() -> None:
    assert identity_of(GOOD, PROVIDER, "n", NOW) == Identity("https://p.test/", "s1", "mia@studio.test", "Mia Okoro")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://p.test"},
        {"iss": ...},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": ...},
        {"aud": "them"},
        {"aud": ...},
        {"aud": ["us", "them"]},
        {"aud": ["them", "us"], "azp": "them"},
        {"azp": "them"},
        {"nonce": "m"},
        {"nonce": ...},
        {"nonce": 7},
        {"exp": ...},
        {"exp": "soon"},
        {"exp": True},
        {"exp": float("inf")},
        {"iat": ...},
        {"iat": NOW + CLOCK_SKEW_S + 1},
        {"nbf": NOW + CLOCK_SKEW_S + 1},
        {"nbf": "soon"},
    ],
)
def test_one_wrong_claim_is_enough(changes: dict[str, Any]) -> None:
    with pytest.raises(TokenForged):
        identity_of(changed(**changes), PROVIDER, "n", NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": ["us"]},
        {"aud": ["them", "us"], "azp": "us"},
        {"exp": NOW - CLOCK_SKEW_S + 1},
        {"iat": NOW + CLOCK_SKEW_S},
        {"nbf": NOW},
    ],
)
def test_what_is_good_all_the_same(changes: dict[str, Any]) -> None:
    assert identity_of(changed(**changes), PROVIDER, "n", NOW).subject == "s1"


def test_a_clock_may_be_a_minute_late_and_no_more() -> None:
    with pytest.raises(TokenExpired):
        identity_of(changed(exp=NOW - CLOCK_SKEW_S), PROVIDER, "n", NOW)


@pytest.mark.parametrize(
    "changes",
    [{"email_verified": ...}, {"email_verified": False}, {"email_verified": 1}, {"email": ...}, {"email": "mia"}],
)
def test_an_address_that_was_not_verified_is_none(changes: dict[str, Any]) -> None:
    assert identity_of(changed(**changes), PROVIDER, "n", NOW).email is None


def test_who_may_use_the_api() -> None:
    access = access_of(changed(aud=["api", "more"], nonce=..., jti="j"), PROVIDER, NOW)
    assert (access.subject, access.token_name, access.expires_at) == ("s1", "j", NOW + 60)
    cognito = changed(aud=..., nonce=..., token_use="access", client_id="api")
    assert access_of(cognito, PROVIDER, NOW).subject == "s1"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "us", "nonce": ...},
        {"aud": "api"},
        {"aud": ..., "nonce": ..., "token_use": "id", "client_id": "api"},
        {"aud": ..., "nonce": ..., "token_use": "access", "client_id": "us"},
        {"aud": "api", "nonce": ..., "exp": ...},
        {"aud": "api", "nonce": ..., "iss": "https://q.test/"},
    ],
)
def test_what_does_not_open_the_api(changes: dict[str, Any]) -> None:
    with pytest.raises(TokenForged):
        access_of(changed(**changes), PROVIDER, NOW)
    with pytest.raises(TokenForged):
        access_of(changed(aud="api", nonce=...), PROVIDER.model_copy(update={"api_audience": None}), NOW)


NONE = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0."
CRITICAL = "eyJhbGciOiJFUzI1NiIsImNyaXQiOlsieCJdfQ.e30.AA"
NUMBER = "eyJhbGciOjd9.e30.AA"


@pytest.mark.parametrize("text", [NONE, CRITICAL, NUMBER, "", "a.b.c", "\ud800.a.b", "e30.e30.e30", "x" * 5000])
def test_only_a_pinned_algorithm_is_looked_at(text: str) -> None:
    with pytest.raises(TokenForged):
        kid_and_algorithm(text, ("ES256",))


def test_the_issuer_that_a_token_names() -> None:
    assert issuer_named(NONE) == "x"
    assert [issuer_named(text) for text in ("", "a.b.c", "e30.W10.", "x" * 5000, "\ud800")] == [None] * 5


def test_a_key_signs_only_what_its_kind_can() -> None:
    curve = ECKey.generate_key("P-256", {"kid": "a"}, private=False)
    other = ECKey.generate_key("P-384", {"kid": "b"}, private=False)
    rsa = RSAKey.generate_key(2048, {"kid": "c"}, private=False)
    edwards = OKPKey.generate_key("Ed25519", {"kid": "d", "alg": "EdDSA"}, private=False)
    keys: list[PublicKey] = [curve, other, rsa, edwards]
    able = {
        algorithm: {key.kid for key in keys if fitting_key(keys, key.kid, algorithm) is key}
        for algorithm in ("ES256", "RS256", "PS256", "EdDSA", "HS256")
    }
    assert able == {"ES256": {"a"}, "RS256": {"c"}, "PS256": {"c"}, "EdDSA": {"d"}, "HS256": set()}
    assert fitting_key(keys, None, "ES256") is curve, "the only one that can"
    assert fitting_key([*keys, ECKey.generate_key("P-256", {"kid": "e"}, private=False)], None, "ES256") is None


def test_only_public_signature_keys_are_taken() -> None:
    key = ECKey.generate_key("P-256", {"kid": "a"})
    assert public_key(key.as_dict(private=False)) is not None
    assert public_key(key.as_dict(private=True)) is None
    assert public_key({**key.as_dict(private=False), "use": "enc"}) is None
    assert public_key(OctKey.generate_key(256).as_dict(private=True)) is None
    assert [public_key(entry) for entry in (None, 7, "x", {}, {"kty": "EC"}, {"kty": "new"})] == [None] * 6
