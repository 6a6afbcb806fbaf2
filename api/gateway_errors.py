"""What the door refuses whatever the route: too often, too long, twice, or not as it was seen.

ApiError
├── RateExceeded        429, `limit`, Retry-After
├── CursorInvalid       422, `field`
├── PreconditionFailed  412, `field`
├── RequestTooSlow      504, `limit`
├── BodyTooSlow         408, `limit`
├── QueryTooLong        414, `limit`
├── HeadersTooLarge     431, `limit`
├── KeyReused           422, `field`
├── KeyInFlight         409, `field`, Retry-After
└── KeyUnfinished       409, `field`
"""

from collections.abc import Mapping

from api.errors import ApiError


class RateExceeded(ApiError):
    """So many requests of this kind are not served at once; wait for as long as Retry-After says."""

    code = "rate.exceeded"
    status = 429

    def __init__(self, requests: int, window_s: int, retry_after_s: int, headers: Mapping[str, str]) -> None:
        super().__init__(f"At most {requests} requests of this kind in {window_s} s.", limit=requests)
        self.headers = {**headers, "Retry-After": str(retry_after_s)}


class CursorInvalid(ApiError):
    """This cursor was not given by this list; begin without one."""

    code = "cursor.invalid"
    status = 422

    def __init__(self) -> None:
        super().__init__(field="cursor")


class PreconditionFailed(ApiError):
    """It is not any more as If-Match says; read it again."""

    code = "precondition.failed"
    status = 412

    def __init__(self) -> None:
        super().__init__(field="If-Match")


class PreconditionRequired(ApiError):
    """Say with If-Match what you have read, so that nobody's change is undone unseen."""

    code = "precondition.required"
    status = 428

    def __init__(self) -> None:
        super().__init__(field="If-Match")


class RequestTooSlow(ApiError):
    """The request took longer than requests of its kind may."""

    code = "request.too_slow"
    status = 504


class BodyTooSlow(ApiError):
    """The request's body did not arrive in time."""

    code = "body.too_slow"
    status = 408


class QueryTooLong(ApiError):
    """The path and the query of the request are longer than this door takes."""

    code = "query.too_long"
    status = 414


class HeadersTooLarge(ApiError):
    """The headers of the request are larger than this door takes."""

    code = "headers.too_large"
    status = 431


class KeyReused(ApiError):
    """This Idempotency-Key was used for another request."""

    code = "idempotency.reused"
    status = 422

    def __init__(self) -> None:
        super().__init__(field="Idempotency-Key")


class KeyInFlight(ApiError):
    """A request with this Idempotency-Key is being served; ask again for its answer."""

    code = "idempotency.in_flight"
    status = 409

    def __init__(self) -> None:
        super().__init__(field="Idempotency-Key")
        self.headers = {"Retry-After": "1"}


class KeyUnfinished(ApiError):
    """A request with this Idempotency-Key ended without an answer; look what it did, then use another key."""

    code = "idempotency.unfinished"
    status = 409

    def __init__(self) -> None:
        super().__init__(field="Idempotency-Key")
