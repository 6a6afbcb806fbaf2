"""Writes the mail of an invitation, with a token that is made for it and is nowhere else."""

import secrets
from uuid import UUID

from services.invitations.model import TOKEN_PREFIX, Entropy, mail_of
from services.users.secret_text import hash_of_secret, new_secret
from storage.mail import Mail
from storage.postgres import Connection
from storage.tables import invitations as rows
from storage.tables.mail import MailRow

KIND = "invitation"


class InvitationLetters:
    """`public_url`: where the mail leads. `entropy(n)` gives n random bytes."""

    def __init__(self, public_url: str, entropy: Entropy = secrets.token_bytes) -> None:
        self._public_url = public_url
        self._entropy = entropy

    async def write(self, connection: Connection, row: MailRow) -> Mail | None:
        """Whichever mail was written before leads nowhere from here on. None: the invitation is over."""
        found = await rows.invitation_of_id(connection, row.subject_id)
        if found is None or found.state != "open" or found.is_deleted:
            return None
        token = new_secret(TOKEN_PREFIX, self._entropy)
        await rows.set_token(connection, found.id, hash_of_secret(token))
        return mail_of(found, token, self._public_url)

    async def sent(self, connection: Connection, row: MailRow) -> None:
        await rows.mark_sent(connection, row.subject_id)


def unsent_hash(invitation_id: UUID, entropy: Entropy) -> bytes:
    """Until its mail is written there is no token: the hash of something that nobody was told."""
    return hash_of_secret(f"{invitation_id}{entropy(32).hex()}")
