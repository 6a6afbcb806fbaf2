"""Why an address is not fetched, or its answer not taken.

FetchError
├── UrlRefused           `field`: not an address of the outside, by its form
├── AddressRefused       its name leads inside
├── FetchFailed          nobody there, no TLS, no HTTP, or too many redirects
│   └── StatusUnfit      `status`: one that is not 2xx
├── FetchTooSlow         `limit`: seconds
├── AnswerTooLarge       `limit`: bytes
└── AnswerWrongType      `limit`: the types that are taken

No message says what an inside address answered: whoever names addresses learns nothing about our network.
"""


class FetchError(Exception):
    """Base of everything this package refuses."""

    code = "fetch"
    field = "url"
    limit: int | float | str | None = None

    def __init__(self, detail: str | None = None, limit: int | float | str | None = None) -> None:
        super().__init__(detail or type(self).__doc__)
        self.limit = limit


class UrlRefused(FetchError):
    """Only https addresses with a host name, without a user or a fragment, are fetched."""

    code = "fetch.url"


class AddressRefused(FetchError):
    """This address does not lead to the public internet."""

    code = "fetch.inside"


class FetchFailed(FetchError):
    """The other side did not answer with what was asked for."""

    code = "fetch.failed"


class StatusUnfit(FetchFailed):
    """The other side refused, or failed."""

    def __init__(self, status: int) -> None:
        super().__init__(f"The other side answered {status}.")
        self.status = status


class FetchTooSlow(FetchError):
    """The other side took too long."""

    code = "fetch.slow"


class AnswerTooLarge(FetchError):
    """The answer is larger than is taken."""

    code = "fetch.too_large"


class AnswerWrongType(FetchError):
    """The answer is not of a type that is taken."""

    code = "fetch.type"
