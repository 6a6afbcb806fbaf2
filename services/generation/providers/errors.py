"""What our side refuses about remote providers; what they answer is data (`port.py`), not an exception.

RemoteError
├── HintRefused          a webhook that is not believed: `reason`
├── OutputUnfit          a result that is not what it says it is, or cannot be had: `failure` says whether asking helps
├── IntentMoved          another request of the same item is open
├── IntentMissing        there is no such intent
├── NoAccount            nobody has an account with this provider
└── ProviderSettingsError   a variable or a file is unusable; the text is the sentence to print
"""

from services.generation.providers.port import Failure


class RemoteError(Exception):
    """Base of this package's errors."""

    code = "provider"


class HintRefused(RemoteError):
    """The webhook is not signed by its provider, or not now. `reason`: unsigned, forged, stale, malformed, unasked."""

    code = "provider.hint"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The webhook is {reason}.")
        self.reason = reason


class OutputUnfit(RemoteError):
    """The result is not what was paid for."""

    code = "provider.output"

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class IntentMoved(RemoteError):
    """Another call of this item is not finished."""

    code = "provider.intent"


class NoAccount(RemoteError):
    """The studio has no account with this provider."""

    code = "provider.account"


class IntentMissing(RemoteError):
    """There is no such call."""

    code = "provider.intent_missing"


class ProviderSettingsError(RemoteError):
    """A variable or a file that describes providers is unusable."""

    code = "settings"
