"""Rows of `device_grants`: devices that ask to be signed in, and what somebody has answered.

What a device is told is decided in `services/users/devices.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_interface
from uuid import UUID

import asyncpg

from storage.postgres import Connection, Executor
from storage.sql import load
from storage.tables.audit import Address

_QUERIES = load(__file__)


@dataclass(frozen=True, slots=True)
class NewGrant:
    """`device_hash`: sha256 of the device code. `device`: what it calls itself."""

    device_hash: bytes
    user_code: str
    client: str
    device: str
    address: Address | None
    interval_s: int
    asked_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class GrantRow:
    """`user_id`, `is_approved`: None until somebody has decided. `polled_at`: when the device last asked."""

    device_hash: bytes
    client: str
    device: str
    address: Address | None
    interval_s: int
    asked_at: datetime
    expires_at: datetime
    polled_at: datetime | None
    user_id: UUID | None
    is_approved: bool | None


async def add_grant(executor: Executor, grant: NewGrant) -> bool:
    """False where another device has that user code."""
    row = await executor.fetchrow(
        _QUERIES["add_grant"],
        grant.device_hash,
        grant.user_code,
        grant.client,
        grant.device,
        grant.address,
        grant.interval_s,
        grant.asked_at,
        grant.expires_at,
    )
    return row is not None


async def grant_of_user_code(connection: Connection, user_code: str) -> GrantRow | None:
    """Locked until the end of the transaction."""
    return _grant(await connection.fetchrow(_QUERIES["grant_of_user_code"], user_code))


async def grant_of_device(connection: Connection, device_hash: bytes) -> GrantRow | None:
    """Locked until the end of the transaction."""
    return _grant(await connection.fetchrow(_QUERIES["grant_of_device"], device_hash))


async def decide(connection: Connection, device_hash: bytes, user_id: UUID, is_approved: bool) -> None:
    """Somebody's answer."""
    await connection.execute(_QUERIES["decide"], device_hash, user_id, is_approved)


async def polled(connection: Connection, device_hash: bytes, at: datetime, interval_s: int) -> None:
    """The device asked `at`, and may ask again after `interval_s`."""
    await connection.execute(_QUERIES["polled"], device_hash, at, interval_s)


async def remove_grant(connection: Connection, device_hash: bytes) -> None:
    """The device was told."""
    await connection.execute(_QUERIES["remove_grant"], device_hash)


async def lock_guesser(connection: Connection, user_id: UUID) -> None:
    """Until the end of the transaction: somebody tries one code at a time."""
    await connection.execute(_QUERIES["lock_guesser"], user_id)


def _grant(row: asyncpg.Record | None) -> GrantRow | None:
    if row is None:
        return None
    address = None if row["address"] is None else ip_interface(row["address"]).ip
    return GrantRow(
        row["device_hash"],
        row["client"],
        row["device"],
        address,
        row["interval_s"],
        row["asked_at"],
        row["expires_at"],
        row["polled_at"],
        row["user_id"],
        row["is_approved"],
    )
