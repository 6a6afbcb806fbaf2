"""Roles and standings: who may do what, and how a token's role caps a member's."""

import pytest

from services.users.model import Need, Role, Standing

ALLOWED = {
    Role.OWNER: {Need.VIEW, Need.DOWNLOAD, Need.COMMENT, Need.APPROVE, Need.EDIT, Need.ADMIN},
    Role.EDITOR: {Need.VIEW, Need.DOWNLOAD, Need.COMMENT, Need.APPROVE, Need.EDIT},
    Role.COMMENTER: {Need.VIEW, Need.DOWNLOAD, Need.COMMENT, Need.APPROVE},
    Role.VIEWER: {Need.VIEW, Need.DOWNLOAD},
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


@pytest.mark.parametrize("download", [False, True])
@pytest.mark.parametrize("approve", [False, True])
def test_a_link_says_itself_whether_one_may_download_and_approve(download: bool, approve: bool) -> None:
    guest = Standing(Role.VIEWER, can_download=download, can_approve=approve)
    may = {need for need in Need if guest.may(need)}
    assert may == {Need.VIEW} | ({Need.DOWNLOAD} if download else set()) | ({Need.APPROVE} if approve else set())
