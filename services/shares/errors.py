"""Why there is no share link, or nobody comes in by it.

ShareError
├── LabelUnfit          `field`, `limit`
├── PasswordUnfit       `field`, `limit`
├── ExpiryUnfit         `field`, `limit`
├── TooManyLinks        `limit`
├── NoSuchLink          also of a deleted project
├── LinkOver            revoked, or too old
├── PasswordWrong       `field`; none was given, or another
├── TooManyTries        `limit`: wrong passwords in ten minutes
└── TooManyGuests       `limit`
"""


class ShareError(Exception):
    """Base of everything this package refuses."""

    code = "share"
    field: str | None = None
    limit: int | str | None = None


class LabelUnfit(ShareError):
    """A label has at most 80 characters."""

    code = "share.label"
    field = "label"
    limit = 80


class PasswordUnfit(ShareError):
    """A password has between 8 and 128 characters."""

    code = "share.password_unfit"
    field = "password"
    limit = 128


class ExpiryUnfit(ShareError):
    """A link ends in the future, at most a year from now."""

    code = "share.expiry"
    field = "expires_at"
    limit = "366 days"


class TooManyLinks(ShareError):
    """At most 100 links of a project are open at once; revoke some."""

    code = "share.count"
    limit = 100


class NoSuchLink(ShareError):
    """There is no such link."""

    code = "share.missing"


class LinkOver(ShareError):
    """This link was revoked or is too old; ask for another."""

    code = "share.over"


class PasswordWrong(ShareError):
    """This link needs another password."""

    code = "share.password"
    field = "password"


class TooManyTries(ShareError):
    """Too many wrong passwords; try again in ten minutes."""

    code = "share.tries"
    limit = 10


class TooManyGuests(ShareError):
    """At most 1,000 guests came by this link; make another."""

    code = "share.guests"
    limit = 1_000
