"""The bus and the cache on Redis: plain pub/sub with binary payloads, and single-use values.

No client library reconnects behind our back here: every lost connection is told to the reader as a `Gap`.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from storage.bus import PENDING_BYTES_MAX, PENDING_MESSAGES_MAX, Gap, Inbox, Message, Subscription
from storage.errors import StoreAway
from storage.tasks import beside, cancellable

CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 5.0
PING_INTERVAL_S = 10.0
COMMAND_RETRIES = 2
"""A server that came back has closed the pooled connections: the first command on each would fail."""
BACK_OFF_FIRST_S = 0.05
BACK_OFF_MAX_S = 2.0


@asynccontextmanager
async def open_redis(url: str) -> AsyncIterator[Redis]:
    """One process's client for commands."""
    client = Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=ANSWER_TIMEOUT_S,
        retry=Retry(ExponentialBackoff(cap=0.1, base=0.01), COMMAND_RETRIES),
        retry_on_error=[RedisConnectionError],
        protocol=2,
    )
    try:
        yield client
    finally:
        await client.aclose()


@contextmanager
def redis_away() -> Iterator[None]:
    """Turns whatever a command to Redis fails with into `StoreAway`."""
    try:
        with cancellable():
            yield
    except (RedisError, OSError) as error:
        raise StoreAway(f"Redis: {error}") from error


class Wire(Protocol):
    """The part of redis-py's connection that a subscription needs; the library leaves it untyped."""

    async def connect(self) -> None: ...

    async def send_command(self, *args: str, check_health: bool) -> None: ...

    async def read_response(
        self,
        *,
        disable_decoding: bool,
        timeout: float,  # noqa: ASYNC109 -- its name in the library
        disconnect_on_error: bool,
    ) -> object: ...

    async def disconnect(self, *, nowait: bool) -> None: ...


class RedisSubscription:
    """One connection in subscriber mode and the task that reads it."""

    def __init__(self, make_wire: Callable[[], Wire], inbox: Inbox, rng: random.Random) -> None:
        self._make_wire = make_wire
        self._inbox = inbox
        self._rng = rng
        self._channels: set[str] = set()
        self._unconfirmed: set[str] = set()
        self._connection: Wire | None = None
        self._confirmations: dict[str, asyncio.Future[None]] = {}
        self._sending = asyncio.Lock()

    async def add(self, channel: str) -> None:
        self._channels.add(channel)
        confirmed = self._confirmations.get(channel)
        if confirmed is None:
            if self._connection is None:
                return  # subscribed, with a gap, when the connection is back
            confirmed = self._confirmations[channel] = asyncio.get_running_loop().create_future()
            await self._send("SUBSCRIBE", channel)
        await asyncio.shield(confirmed)

    async def remove(self, channel: str) -> None:
        self._channels.discard(channel)
        await self._send("UNSUBSCRIBE", channel)

    async def next(self) -> Message | Gap:
        return await self._inbox.next()

    async def run(self, ready: asyncio.Event) -> None:
        """Reads for ever; after each loss it connects again, later and later, and says that there was a gap."""
        back_off_s = BACK_OFF_FIRST_S
        first = True
        while True:
            connection = self._make_wire()
            try:
                await self._subscribe(connection)
                if not first:
                    self._inbox.gap()
                first, back_off_s = False, BACK_OFF_FIRST_S
                ready.set()
                await self._read(connection)
            except (RedisError, OSError, EOFError, TimeoutError):
                first = False  # what was published meanwhile is lost
            finally:
                self._connection = None
                self._release_all()
                with suppress(RedisError, OSError):
                    await connection.disconnect(nowait=True)
            ready.set()
            await asyncio.sleep(back_off_s * self._rng.uniform(0.5, 1.0))
            back_off_s = min(back_off_s * 2, BACK_OFF_MAX_S)

    async def _subscribe(self, connection: Wire) -> None:
        await connection.connect()
        self._connection = connection  # from here on `add` subscribes by itself
        self._unconfirmed = set(self._channels)
        if self._unconfirmed:
            await self._send("SUBSCRIBE", *sorted(self._unconfirmed))
        while self._unconfirmed:
            if not await self._take(connection, ANSWER_TIMEOUT_S):
                raise TimeoutError("Redis does not confirm")

    async def _read(self, connection: Wire) -> None:
        while True:
            if not await self._take(connection, PING_INTERVAL_S):
                await self._send("PING")
                if not await self._take(connection, ANSWER_TIMEOUT_S):
                    raise TimeoutError("Redis does not answer")

    async def _take(self, connection: Wire, timeout_s: float) -> bool:
        """Reads one answer or message. False: nothing came."""
        answer = await connection.read_response(disable_decoding=True, timeout=timeout_s, disconnect_on_error=False)
        match answer:
            case None:
                return False
            case [b"message", bytes(channel), bytes(payload)]:
                self._inbox.put(Message(channel.decode(), payload))
            case [b"subscribe", bytes(channel), _]:
                self._release(channel.decode())
            case _:  # pong, unsubscribe
                pass
        return True

    async def _send(self, *command: str) -> None:
        connection = self._connection
        if connection is None:
            return
        try:
            async with self._sending:
                await connection.send_command(*command, check_health=False)
        except (RedisError, OSError):
            if self._connection is connection:
                self._connection = None  # redis-py would connect this object again by itself
            # the reader sees the same loss, connects again and subscribes to what is wanted then

    def _release(self, channel: str) -> None:
        self._unconfirmed.discard(channel)
        waiting = self._confirmations.pop(channel, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _release_all(self) -> None:
        for channel in list(self._confirmations):
            self._release(channel)


class RedisBus:
    """Plain pub/sub. One connection for each subscription: a process opens few."""

    def __init__(
        self,
        client: Redis,
        url: str,
        rng: random.Random,
        messages_max: int = PENDING_MESSAGES_MAX,
        bytes_max: int = PENDING_BYTES_MAX,
    ) -> None:
        self._client = client
        self._rng = rng
        self._limits = (messages_max, bytes_max)
        connections = ConnectionPool.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT_S, protocol=2)
        self._make_wire: Callable[[], Wire] = connections.make_connection

    async def publish(self, channel: str, payload: bytes) -> None:
        with redis_away():
            await self._client.publish(channel, payload)

    async def publish_all(self, publications: Sequence[tuple[str, bytes]]) -> None:
        with redis_away():
            async with self._client.pipeline(transaction=False) as pipeline:
                for channel, payload in publications:
                    pipeline.publish(channel, payload)
                await pipeline.execute()

    @asynccontextmanager
    async def subscription(self) -> AsyncIterator[Subscription]:
        subscription = RedisSubscription(self._make_wire, Inbox(*self._limits), self._rng)
        ready = asyncio.Event()
        async with beside(subscription.run(ready)):
            await ready.wait()
            yield subscription


class RedisCache:
    """Single-use values with a time to live."""

    def __init__(self, client: Redis, prefix: str = "sf:cache:") -> None:
        self._client = client
        self._prefix = prefix

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        with redis_away():
            await self._client.set(self._prefix + key, value, px=max(1, round(ttl_s * 1000)))

    async def take(self, key: str) -> bytes | None:
        with redis_away():
            value: bytes | None = await self._client.getdel(self._prefix + key)
        return value
