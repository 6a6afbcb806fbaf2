"""Remote providers without a network: the table of dialects, signatures, lost answers, nonsense, settings."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from services.generation.providers.adapters import kling_legacy, webhooks
from services.generation.providers.adapters.base import Adapter
from services.generation.providers.adapters.dialects import DIALECTS, Heard, judge
from services.generation.providers.adapters.finetunes import FineTune, read_finetunes
from services.generation.providers.adapters.line import ANSWER_BYTES_MAX, CONNECT_TIMEOUT_S, Call, Line
from services.generation.providers.capabilities import Fit, Kind, Model, Reference, Role, Standing, Want
from services.generation.providers.errors import HintRefused, ProviderSettingsError
from services.generation.providers.intents import ANSWER_S_MAX
from services.generation.providers.negotiation import negotiate
from services.generation.providers.port import (
    Accepted,
    Failure,
    FailureKind,
    Intent,
    Refused,
    RemoteProvider,
    Succeeded,
    Unknown,
)
from services.generation.providers.registry import MODELS, providers_of
from services.generation.providers.settings import URLS, Account, ProviderSettings

AUTH, CREDIT, GONE, INVALID = FailureKind.AUTH, FailureKind.CREDIT, FailureKind.GONE, FailureKind.INVALID
MODERATED, RETRYABLE, THROTTLED = FailureKind.MODERATED, FailureKind.RETRYABLE, FailureKind.THROTTLED
ID = UUID(int=7)
TUNES = (
    FineTune("fal", "look", "studio/look", Kind.IMAGE, 1, {"prompt": "prompt"}),
    FineTune("replicate", "film", "v1", Kind.IMAGE, 1, {"prompt": "prompt"}),
)
FRAME = Reference(Role.FIRST_FRAME, "0" * 64, "image/png", b"png")
Answering = Callable[[httpx.Request], httpx.Response]


def adapters(answering: Answering) -> dict[str, RemoteProvider]:
    """All, with a network that is a function."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(answering))
    return providers_of(ProviderSettings({name: Account("key:4711", url) for name, url in URLS.items()}, TUNES), http)


def intent_of(provider: RemoteProvider) -> Intent:
    """For the first model of it that is to be had and wants no more than this."""
    for model in provider.models:
        references = (FRAME,) if Role.FIRST_FRAME in model.required else ()
        fit = negotiate(model, Want(model.kind, "rain", voice="voice", references=references))
        if isinstance(fit, Fit):
            return Intent(ID, Want(model.kind, "rain", voice="voice", references=references), fit)
    raise AssertionError(provider.name)


PAYING = sorted(set(URLS) - {"sora"})


@pytest.mark.parametrize(
    ("provider", "status", "code", "says", "kind", "certain"),
    [
        ("runway", 400, "http.400", "Validation of body failed", INVALID, True),
        ("runway", 400, "http.400", "You do not have enough credits", CREDIT, True),
        ("runway", 429, "http.429", "", THROTTLED, True),
        ("runway", 503, "http.503", "", RETRYABLE, True),
        ("runway", 502, "http.502", "", RETRYABLE, False),
        ("runway", None, "SAFETY.INPUT.TEXT", "", MODERATED, True),
        ("runway", None, "INTERNAL.BAD_OUTPUT.CODE01", "", RETRYABLE, False),
        ("runway", None, "ASSET.INVALID", "", INVALID, True),
        ("sora", 404, "model_not_found", "", GONE, True),
        ("sora", 429, "insufficient_quota", "", CREDIT, True),
        ("sora", 429, "rate_limit_exceeded", "", THROTTLED, True),
        ("kling", 401, "1004", "", AUTH, True),
        ("kling", 429, "1101", "", CREDIT, True),
        ("kling", 429, "1102", "", CREDIT, True),
        ("kling", 400, "1201", "", INVALID, True),
        ("kling", 400, "1203", "", GONE, True),
        ("kling", 400, "1301", "", MODERATED, True),
        ("kling", 429, "1302", "", THROTTLED, True),
        ("kling", 429, "1303", "", THROTTLED, True),
        ("kling", 429, "1304", "", AUTH, True),
        ("kling", 200, "5000", "", RETRYABLE, False),
        ("kling", None, "failed", "Failure to pass the risk control system", MODERATED, True),
        ("kling-legacy", None, "failed", "Generation failed", RETRYABLE, False),
        ("stability", 403, "content_moderation", "", MODERATED, True),
        ("stability", 403, "forbidden", "", AUTH, True),
        ("stability", 402, "payment_required", "", CREDIT, True),
        ("stability", 413, "payload_too_large", "", INVALID, True),
        ("claude", 529, "overloaded_error", "", RETRYABLE, True),
        ("claude", 400, "invalid_request_error", "You have reached your usage limits", CREDIT, True),
        ("claude", 504, "timeout_error", "", RETRYABLE, False),
        ("claude", None, "refusal", "", MODERATED, True),
        ("elevenlabs", 401, "quota_exceeded", "", CREDIT, True),
        ("elevenlabs", 401, "invalid_api_key", "", AUTH, True),
        ("elevenlabs", 429, "too_many_concurrent_requests", "", THROTTLED, True),
        ("elevenlabs", 429, "system_busy", "", RETRYABLE, True),
        ("fal", 502, "nginx", "", RETRYABLE, True),
        ("fal", 502, "http.502", "", RETRYABLE, False),
        ("fal", 422, "content_policy_violation", "", MODERATED, True),
        ("fal", 403, "http.403", "User is locked. Reason: Exhausted balance.", CREDIT, True),
        ("replicate", 402, "http.402", "", CREDIT, True),
        ("replicate", None, "failed", "NSFW content detected", MODERATED, True),
        ("replicate", 408, "http.408", "", RETRYABLE, False),
    ],
)
def test_the_table_of_dialects(
    provider: str, status: int | None, code: str, says: str, kind: FailureKind, certain: bool
) -> None:
    failure, known = judge(DIALECTS[provider], Heard(status, code, says))
    assert (failure.kind, known) == (kind, certain)


@pytest.mark.parametrize("name", PAYING)
@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("4711"), httpx.WriteTimeout(""), httpx.ReadError(""), httpx.RemoteProtocolError("")]
)
async def test_whatever_is_lost_behind_the_first_byte_is_unknown(name: str, error: httpx.TransportError) -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise error

    provider = adapters(lost)[name]
    answer = await provider.submit(intent_of(provider))
    assert isinstance(answer, Unknown) and "4711" not in answer.why


@pytest.mark.parametrize("name", PAYING)
@pytest.mark.parametrize("error", [httpx.ConnectError(""), httpx.ConnectTimeout(""), httpx.PoolTimeout("")])
async def test_what_was_never_sent_is_refused_and_may_be_tried_again(name: str, error: httpx.TransportError) -> None:
    def unreachable(request: httpx.Request) -> httpx.Response:
        raise error

    provider = adapters(unreachable)[name]
    answer = await provider.submit(intent_of(provider))
    assert isinstance(answer, Refused) and answer.failure.kind is RETRYABLE


@pytest.mark.parametrize("name", PAYING)
async def test_an_answer_larger_than_is_taken_is_unknown(name: str) -> None:
    provider = adapters(lambda request: httpx.Response(200, content=bytes(ANSWER_BYTES_MAX + 1)))[name]
    assert isinstance(await provider.submit(intent_of(provider)), Unknown)


@pytest.mark.parametrize("name", PAYING)
async def test_a_redirect_is_not_followed(name: str) -> None:
    asked: list[httpx.Request] = []

    def away(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(307, headers={"location": "https://elsewhere.example/"})

    provider = adapters(away)[name]
    assert isinstance(await provider.submit(intent_of(provider)), Unknown)
    assert len(asked) == 1


@pytest.mark.parametrize("name", PAYING)
async def test_a_message_is_short_and_without_the_key(name: str) -> None:
    words = "the key key:4711, or its part 4711, " + "x" * 1_000
    body = {"error": words, "message": words, "errors": [words], "detail": words}
    provider = adapters(lambda request: httpx.Response(401, json=body))[name]
    answer = await provider.submit(intent_of(provider))
    assert isinstance(answer, Refused) and answer.failure.kind is AUTH
    assert "4711" not in answer.failure.message and len(answer.failure.message) <= 300


async def test_an_answer_that_trickles_is_given_up_and_unknown() -> None:
    async def trickle() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda request: httpx.Response(200, content=trickle())))
    line = Line(http, "https://slow.example", DIALECTS["runway"], dict, ())
    call = Call("POST", "/", json={}, timeout_s=0.05)
    assert isinstance(await line.pay(call), Unknown)
    failure = await line.ask(call)
    assert isinstance(failure, Failure) and failure.kind is RETRYABLE


def test_no_paid_call_waits_longer_than_its_intent_is_waited_for() -> None:
    for name in PAYING:
        provider = adapters(lambda request: httpx.Response(500))[name]
        assert isinstance(provider, Adapter)
        assert provider.spelled(intent_of(provider)).timeout_s + CONNECT_TIMEOUT_S < ANSWER_S_MAX


def test_a_retired_model_is_the_registrys_word() -> None:
    assert {model.name for model in MODELS if model.standing is Standing.RETIRED} == {"sora-2", "sora-2-pro"}


def test_every_model_of_the_registry_can_be_asked_for() -> None:
    """Its ranges are in order, its price is above nothing, and its provider is known."""
    for model in MODELS:
        assert model.provider in URLS and list(model.durations_s) == sorted(set(model.durations_s))
        if model.standing is not Standing.RETIRED:
            assert _least(model).most_microcredits > 0


def _least(model: Model) -> Fit:
    references = tuple(Reference(role, "0" * 64, "image/png", b"") for role in model.required)
    fit = negotiate(model, Want(model.kind, "rain", voice="voice", references=references))
    assert isinstance(fit, Fit), fit
    return fit


# Nonsense ---------------------------------------------------------------------------------------------

ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WORDS = some.sampled_from(
    [
        "PENDING",
        "RUNNING",
        "SUCCEEDED",
        "FAILED",
        "succeeded",
        "succeed",
        "failed",
        "completed",
        "COMPLETED",
        "IN_QUEUE",
    ]
)
FIELDS = ("id", "status", "output", "outputs", "data", "code", "cost", "billing", "progress", "task_status", "error",
          "task_result", "usage", "content", "image", "audio_base64", "stop_reason", "request_id", "images", "video",
          "queue_position", "finish_reason", "message", "failureCode", "metrics", "task_id")  # fmt: skip
NEARLY = some.dictionaries(some.sampled_from(FIELDS), ANYTHING | WORDS, max_size=8)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=ANYTHING | NEARLY | NEARLY.map(lambda inner: {"code": 0, "data": inner}),
    status=some.sampled_from([200, 201, 400, 404, 429, 500]),
)
@pytest.mark.parametrize("name", sorted(URLS))
async def test_no_answer_of_theirs_is_an_exception_of_ours(name: str, body: object, status: int) -> None:
    provider = adapters(lambda request: httpx.Response(status, content=json.dumps(body)))[name]
    if name in PAYING:
        assert isinstance(await provider.submit(intent_of(provider)), (Accepted, Refused, Unknown))
    for task, state in (await provider.poll(["a/b", "c"])).items():
        assert task in ("a/b", "c") and not (status >= 400 and isinstance(state, Succeeded))
    await provider.cancel("a/b")
    await provider.find(ID)


# Signatures -------------------------------------------------------------------------------------------

VECTOR_SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="
VECTOR_BODY = (
    b'{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,"update_time":1781080794151}'
)
VECTOR = {
    "webhook-id": "9876543210",
    "webhook-timestamp": "1781080794",
    "webhook-signature": "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4=",
}


def test_klings_published_signature_is_good_for_five_minutes_on_both_sides() -> None:
    for skew_s in (-300, 0, 300):
        assert webhooks.standard([VECTOR_SECRET], VECTOR, VECTOR_BODY, 1781080794 + skew_s) == "9876543210"
    for skew_s in (-301, 301):
        with pytest.raises(HintRefused, match="stale"):
            webhooks.standard([VECTOR_SECRET], VECTOR, VECTOR_BODY, 1781080794 + skew_s)


def test_while_secrets_are_changed_either_signs() -> None:
    other = "whsec_" + "QUJD" * 8
    assert webhooks.standard([other, VECTOR_SECRET], VECTOR, VECTOR_BODY, 1781080794.0)
    two = VECTOR | {"webhook-signature": f"v1,QUJD {VECTOR['webhook-signature']}"}
    assert webhooks.standard([VECTOR_SECRET], two, VECTOR_BODY, 1781080794.0)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"webhook-id": "1"}, "forged"),
        ({"webhook-signature": "v1a,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4="}, "forged"),
        ({"webhook-signature": "v1,ä"}, "forged"),
        ({"webhook-timestamp": "1781080795"}, "forged"),
        ({"webhook-timestamp": "soon"}, "malformed"),
        ({"webhook-timestamp": "9" * 400}, "malformed"),
        ({"webhook-signature": ""}, "unsigned"),
        ({"webhook-id": "1" * 201}, "malformed"),
    ],
)
def test_a_changed_callback_is_refused(changed: dict[str, str], reason: str) -> None:
    with pytest.raises(HintRefused) as refused:
        webhooks.standard([VECTOR_SECRET], VECTOR | changed, VECTOR_BODY, 1781080794.0)
    assert refused.value.reason == reason


def test_without_a_secret_no_callback_is_believed() -> None:
    with pytest.raises(HintRefused, match="forged"):
        webhooks.standard([], VECTOR, VECTOR_BODY, 1781080794.0)


def test_klings_old_token_is_a_jwt_that_others_read() -> None:
    from joserfc import jwt
    from joserfc.jwk import OctKey

    secret = "a-secret-of-thirty-two-characters"
    read = jwt.decode(kling_legacy.token(f"access:{secret}", lambda: 1_000.9), OctKey.import_key(secret))
    assert read.header == {"alg": "HS256", "typ": "JWT"}
    assert read.claims == {"iss": "access", "exp": 2_800, "nbf": 995}


# Settings ---------------------------------------------------------------------------------------------

GOOD_TUNE = {
    "provider": "fal",
    "name": "look",
    "path": "studio/look",
    "kind": "image",
    "microcredits": 4_000_000,
    "inputs": {"prompt": "text", "first_frame": "image_url"},
    "sizes": ["640x360"],
    "references": {"first_frame": 1},
    "fixed": {"steps": 28},
}


def test_a_fine_tune_takes_what_its_maker_named(tmp_path: Path) -> None:
    (tmp_path / "tunes.json").write_text(json.dumps([GOOD_TUNE]))
    (tune,) = read_finetunes(tmp_path / "tunes.json")
    provider = adapters(lambda request: httpx.Response(500))["fal"]
    want = Want(Kind.IMAGE, "rain", seed=7, references=(FRAME,), options={"lora": "mine"})
    fit = negotiate(tune.model(next(iter(provider.models)).terms), want)
    assert isinstance(fit, Fit)
    assert tune.input_of(Intent(ID, want, fit)) == {
        "text": "rain",
        "image_url": "data:image/png;base64,cG5n",
        "steps": 28,
        "lora": "mine",
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"inputs": {"seed": "seed"}},
        {"inputs": {"prompt": "text", "mood": "mood"}},
        {"sizes": ["large"]},
        {"microcredits": -1},
        {"durations_s": [4, 2]},
        {"provider": "runway"},
    ],
)
def test_a_fine_tune_that_makes_no_sense_is_refused(tmp_path: Path, changed: dict[str, object]) -> None:
    (tmp_path / "tunes.json").write_text(json.dumps([GOOD_TUNE | changed]))
    with pytest.raises(ProviderSettingsError):
        read_finetunes(tmp_path / "tunes.json")
