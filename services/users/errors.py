"""What the doors are told when somebody may not come in.

UsersError
├── Unauthenticated            nobody knows who this is
│   ├── TokenExpired           transient: ask for a fresh one
│   │   └── TicketSpent
│   ├── TokenForged            wrong signature, algorithm, issuer, audience or form
│   │   └── TokenForeign       a real token, but of another document
│   ├── TokenRevoked
│   ├── UnknownUser
│   ├── SignInOver             the provider's answer belongs to no sign-in that this browser began
│   ├── CodeRefused            the provider does not give us who this is
│   └── RefreshSpent           over, used before, or never given out
├── Forbidden                  known, but the role does not allow it
│   ├── NotAnOperator
│   ├── NoAccount              a guest
│   ├── ScopeTooNarrow
│   ├── DeviceDenied           somebody sent this device away
│   ├── IdentityTaken          that provider's person is another account here
│   ├── AddressUnverified      known to the provider, but not by an address that it has verified
│   └── AddressTaken           an account has that address, and this provider may not lead to it
├── ProjectArchived
├── Missing                    does not exist, or exists and must not show
│   ├── NoSuchDocument
│   ├── NoSuchProject
│   ├── NoSuchProvider
│   ├── NoSuchSession
│   ├── NoSuchTeam
│   └── NoSuchUserCode
├── DevicePending              nobody has entered the device's code yet
│   └── DeviceTooFast          and it asks too often
├── DeviceCodeOver             the device has to begin again
├── TooManyGuesses             `limit`: wrong codes in ten minutes
├── ProviderAway               transient: the provider does not answer as it must
├── NameUnfit                  `field`, `limit`
├── ColourUnfit                `field`
├── TtlOutOfRange
├── ProvidersUnusable          the providers file; its text is the sentence to print
└── KeysUnusable               the keys file; its text is the sentence to print
    └── KeysExist
"""


class UsersError(Exception):
    """Base of everything this package refuses."""

    code = "users"


class Unauthenticated(UsersError):
    """Sign in first."""

    code = "auth.required"


class TokenExpired(Unauthenticated):
    """The token is past its time; ask for a fresh one."""

    code = "token.expired"


class TicketSpent(TokenExpired):
    """The ticket was used already or is older than its 30 s; ask for a fresh one."""

    code = "ticket.spent"


class TokenForged(Unauthenticated):
    """The token is not one that this studio issued for this door."""

    code = "token.forged"


class TokenForeign(TokenForged):
    """The token is for another document."""

    code = "token.foreign"


class TokenRevoked(Unauthenticated):
    """The token was withdrawn."""

    code = "token.revoked"


class UnknownUser(Unauthenticated):
    """The token's user does not exist any more."""

    code = "user.unknown"


class SignInOver(Unauthenticated):
    """This sign-in was not begun in this browser, or is over; begin again."""

    code = "signin.over"


class CodeRefused(Unauthenticated):
    """The provider did not confirm this sign-in; begin again."""

    code = "signin.refused"


class RefreshSpent(Unauthenticated):
    """This device is signed out; sign it in again."""

    code = "refresh.spent"


class Forbidden(UsersError):
    """Your role in this project does not allow this."""

    code = "role.forbidden"


class NotAnOperator(Forbidden):
    """Only operators of this studio may look there."""

    code = "operator.required"


class NoAccount(Forbidden):
    """Guests of a share link may not do this; sign in with an account."""

    code = "account.required"


class ScopeTooNarrow(Forbidden):
    """This key is for less than that: it has a role or a project as its limit."""

    code = "key.scope"


class ProjectArchived(UsersError):
    """The project is archived: it is read, and restored before it is changed."""

    code = "project.archived"


class DeviceDenied(Forbidden):
    """Somebody has sent this device away."""

    code = "device.denied"


class IdentityTaken(Forbidden):
    """Whoever you are there has another account here; sign in with it."""

    code = "signin.identity_taken"


class AddressUnverified(Forbidden):
    """The provider has not verified an e-mail address of yours; let it, and sign in again."""

    code = "signin.address_unverified"


class AddressTaken(Forbidden):
    """There is an account with your address already; sign in as you did before, and link this sign-in to it."""

    code = "signin.address_taken"


class Missing(UsersError):
    """There is no such thing, or you have no right in its project."""

    code = "missing"


class NoSuchDocument(Missing):
    """There is no such document, or you have no right in its project."""

    code = "document.missing"


class NoSuchProject(Missing):
    """There is no such project, or you have no right in it."""

    code = "project.missing"


class NoSuchProvider(Missing):
    """Nobody signs in here through such a provider."""

    code = "signin.provider_missing"


class NoSuchUserCode(Missing):
    """No device shows this code; look again, it changes after ten minutes."""

    code = "device.code_missing"


class DevicePending(UsersError):
    """Nobody has entered this device's code yet; ask again."""

    code = "device.pending"


class DeviceTooFast(DevicePending):
    """This device asks too often; wait five seconds more each time."""

    code = "device.slow_down"


class DeviceCodeOver(UsersError):
    """This device's code is over; ask for a new one."""

    code = "device.over"


class TooManyGuesses(UsersError):
    """You have entered too many codes that no device shows; wait ten minutes."""

    code = "device.guesses"

    def __init__(self, limit: int, window_s: int) -> None:
        super().__init__(f"You have entered {limit} codes that no device shows; wait {window_s // 60} minutes.")
        self.limit = limit
        self.headers = {"Retry-After": str(window_s)}


class ProviderAway(UsersError):
    """The sign-in provider does not answer; try again in a moment."""

    code = "signin.provider_away"


class NoSuchSession(Missing):
    """You have no such session, or it is over."""

    code = "session.missing"


class NoSuchTeam(Missing):
    """There is no such team, or you are not in it."""

    code = "team.missing"


class NameUnfit(UsersError):
    """A name has between 1 and 80 characters, and no control characters."""

    code = "user.name"
    field = "name"
    limit = 80


class ColourUnfit(UsersError):
    """A colour is # and six hexadecimal digits in lower case."""

    code = "user.colour"
    field = "colour"


class TtlOutOfRange(UsersError):
    """The token's life must be between 1 s and the limit of its kind."""

    code = "token.ttl"

    def __init__(self, ttl_s: float, ttl_s_max: float) -> None:
        super().__init__(f"ttl_s is {ttl_s:g}; it must be between 1 and {ttl_s_max:g}")
        self.ttl_s_max = ttl_s_max


class ProvidersUnusable(UsersError):
    """The file of sign-in providers cannot be used."""

    code = "providers.unusable"


class KeysUnusable(UsersError):
    """The signing keys file cannot be used."""

    code = "keys.unusable"


class KeysExist(KeysUnusable):
    """There is a signing keys file already; it is never overwritten."""

    code = "keys.exist"
