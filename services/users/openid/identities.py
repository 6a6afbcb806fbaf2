"""Which of our users somebody is whom a provider has named, and a new user for whom nobody knows.

Known by issuer and subject, and by nothing else. An e-mail address leads to a user only once, at the first sign-in,
only if the provider has verified it, and to one who exists only where our settings trust this provider with that.
"""

from uuid import UUID

import asyncpg

from services.users import audit
from services.users.audit import Action
from services.users.errors import AddressTaken, AddressUnverified, IdentityTaken, UnknownUser
from services.users.model import NAME_CHARS_MAX, colour_of
from services.users.openid.claims import Identity
from services.users.openid.settings import Provider
from storage.postgres import Connection
from storage.tables import identities, users
from storage.tables.users import UserRow


async def user_of(connection: Connection, provider: Provider, identity: Identity, fresh_id: UUID) -> UserRow:
    """In a transaction. `fresh_id`: of the user, if one is made. Raises `AddressUnverified`, `AddressTaken`."""
    await identities.lock_identity(connection, identity.issuer, identity.subject)
    known = await identities.user_of_identity(connection, identity.issuer, identity.subject)
    if known is not None:
        return known
    if identity.email is None:
        raise AddressUnverified(AddressUnverified.__doc__)
    user = await users.user_of_email(connection, identity.email)
    if user is None:
        user = await _new_user(connection, identity, identity.email, fresh_id)
    elif not provider.links_by_email:
        raise AddressTaken(AddressTaken.__doc__)
    await _link(connection, identity, user, is_new_user=user.id == fresh_id)
    return user


async def linked_to(connection: Connection, identity: Identity, user_id: UUID) -> UserRow:
    """In a transaction: somebody who is signed in also signs in as this from now on; no address is asked for.

    Raises `IdentityTaken`, `UnknownUser`.
    """
    await identities.lock_identity(connection, identity.issuer, identity.subject)
    known = await identities.user_of_identity(connection, identity.issuer, identity.subject)
    if known is not None and known.id != user_id:
        raise IdentityTaken(IdentityTaken.__doc__)
    user = known or await users.user_of_id(connection, user_id)
    if user is None:
        raise UnknownUser(UnknownUser.__doc__)
    if known is None:
        await _link(connection, identity, user, is_new_user=False)
    return user


async def unlink(connection: Connection, user_id: UUID, issuer: str) -> None:
    """In a transaction. Sessions that are open stay: they are ours."""
    for subject in await identities.remove_identities(connection, user_id, issuer):
        await audit.record(connection, Action.IDENTITY_UNLINKED, actor_id=user_id, issuer=issuer, subject=subject)


async def _link(connection: Connection, identity: Identity, user: UserRow, is_new_user: bool) -> None:
    await identities.add_identity(connection, identity.issuer, identity.subject, user.id)
    await audit.record(
        connection,
        Action.IDENTITY_LINKED,
        actor_id=user.id,
        issuer=identity.issuer,
        subject=identity.subject,
        is_new_user=is_new_user,
    )


async def _new_user(connection: Connection, identity: Identity, email: str, fresh_id: UUID) -> UserRow:
    name = identity.name or email.partition("@")[0][:NAME_CHARS_MAX]
    user = UserRow(fresh_id, email, name, colour_of(identity.subject.encode()))
    try:
        async with connection.transaction():
            await users.add_user(connection, user)
    except asyncpg.UniqueViolationError:  # another provider's first sign-in was faster
        raise AddressTaken(AddressTaken.__doc__) from None
    return user
