"""Roles: who may do what, and how a token's role caps a member's."""

import pytest

from services.users.model import Need, Role

ALLOWED = {
    Role.OWNER: {Need.VIEW, Need.COMMENT, Need.EDIT, Need.ADMIN},
    Role.EDITOR: {Need.VIEW, Need.COMMENT, Need.EDIT},
    Role.COMMENTER: {Need.VIEW, Need.COMMENT},
    Role.VIEWER: {Need.VIEW},
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("need", list(Need))
def test_a_role_may_do_exactly_this(role: Role, need: Need) -> None:
    assert role.may(need) is (need in ALLOWED[role])


@pytest.mark.parametrize("member", list(Role))
@pytest.mark.parametrize("token", list(Role))
def test_capping_never_gives_more_than_either(member: Role, token: Role) -> None:
    capped = member.capped(token)
    assert ALLOWED[capped] == ALLOWED[member] & ALLOWED[token]
    assert capped == token.capped(member)
