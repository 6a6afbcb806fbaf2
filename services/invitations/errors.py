"""Why nobody can be invited, or an invitation cannot be taken.

InvitationError
├── EmailUnfit              `field`
├── RoleUnfit               `field`
├── AlreadyInvited
├── AlreadyThere            they are a member with at least that role
├── TooManyInvitations      `limit`
├── NoSuchInvitation        never was, was renewed, or is somebody else's
├── InvitationOver          accepted, declined, revoked, or too old
├── JustSent                `limit`: seconds between two mails
├── OtherAddress            the invitation is for another address than the account's
└── SignInFirst             there is an account with this address
"""


class InvitationError(Exception):
    """Base of everything this package refuses."""

    code = "invitation"
    field: str | None = None
    limit: int | str | None = None


class EmailUnfit(InvitationError):
    """This is not an e-mail address."""

    code = "invitation.email"
    field = "email"


class RoleUnfit(InvitationError):
    """There is no such role here."""

    code = "invitation.role"
    field = "role"


class AlreadyInvited(InvitationError):
    """There is an open invitation for this address; send that again."""

    code = "invitation.open"


class AlreadyThere(InvitationError):
    """Whoever has this address is a member already; change their role instead."""

    code = "invitation.member"


class TooManyInvitations(InvitationError):
    """At most 100 invitations may be open at once; revoke some."""

    code = "invitation.count"
    limit = 100


class NoSuchInvitation(InvitationError):
    """There is no such invitation, or it was sent again since: look for a newer mail."""

    code = "invitation.missing"


class InvitationOver(InvitationError):
    """This invitation was accepted, declined or revoked, or is too old; ask for another."""

    code = "invitation.over"


class JustSent(InvitationError):
    """The mail was sent less than a minute ago."""

    code = "invitation.just_sent"
    limit = 60


class OtherAddress(InvitationError):
    """This invitation is for another address than the one of your account."""

    code = "invitation.other_address"


class SignInFirst(InvitationError):
    """There is an account with this address: sign in, then accept."""

    code = "invitation.sign_in"
