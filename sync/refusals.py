"""Which close code each refusal of an update has on the wire (PROTOCOL.md, Refusals)."""

from sync.errors import DocumentFull, MalformedUpdate, Quarantined, Refused, UpdateTooBig
from sync.messages import Close


def close_code(refusal: Refused) -> Close:
    """Everything that is not about form or size is refused by the schema: permanent."""
    match refusal:
        case MalformedUpdate() | Quarantined():
            return Close.MALFORMED
        case UpdateTooBig():
            return Close.TOO_BIG
        case DocumentFull():
            return Close.FULL
        case _:
            return Close.REFUSED
