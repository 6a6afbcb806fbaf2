"""What cannot be done to a service account or its keys.

AccountError
├── NoSuchServiceAccount
├── NoSuchKey
├── KeyOver             it was revoked before
├── KeyExpiryUnfit      `field`, `limit`
├── TooManyAccounts     `limit`
└── TooManyKeys         `limit`
"""


class AccountError(Exception):
    """Base of everything this package refuses."""

    code = "account"
    field: str | None = None
    limit: int | str | None = None


class NoSuchServiceAccount(AccountError):
    """There is no such service account, or you are not in its team."""

    code = "account.missing"


class NoSuchKey(AccountError):
    """This service account has no such key."""

    code = "key.missing"


class KeyOver(AccountError):
    """This key was revoked before."""

    code = "key.over"


class KeyExpiryUnfit(AccountError):
    """A key ends in the future, at most a year from now."""

    code = "key.expiry"
    field = "expires_at"
    limit = "366 days"


class TooManyAccounts(AccountError):
    """A team has at most 50 service accounts."""

    code = "account.count"
    limit = 50


class TooManyKeys(AccountError):
    """A service account has at most 20 keys that are good."""

    code = "key.count"
    limit = 20
