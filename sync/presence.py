"""Who is in a room and what they point at, and the server's own entry with the progress of generations.

Ephemeral: nothing here is stored. Identity is stamped by the server (architecture.md P8); a session speaks for one
client id, entries of others that stock clients re-send are dropped (consistency.md C18).
"""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sync import ids
from sync.awareness import AwarenessState, decode, encode
from sync.limits import Limits

STATE_BYTES_PARSED_MAX = 64 * 1024
"""A larger state is no presence at all but a malformed frame."""
SERVERS_FIELDS = frozenset({"id", "name", "color", "colour", "kind", "role"})
"""What only the server says of a person; `kind` tells its own entry from people's."""
TOMBSTONE_S = 60.0
"""How long the clock of somebody who left is remembered, so that a rejoin counts on from there."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose session it is, as everybody else shall see it. `colour`: #rrggbb."""

    user_id: UUID
    name: str
    colour: str


@dataclass(slots=True)
class _Here:
    """An entry of a session of this node. `offset` turns the client's clock into the one that others see."""

    session: int
    person: Person
    offset: int
    clock: int
    state: str
    seen_s: float


@dataclass(slots=True)
class _Elsewhere:
    """An entry of another node's session."""

    node: UUID
    user_id: str
    clock: int
    state: str
    seen_s: float


@dataclass(slots=True)
class _Tick:
    run: str
    fence: int
    shown: dict[str, Any]
    seen_s: float


@dataclass(frozen=True, slots=True)
class Change:
    """An awareness update for everybody but `author`'s session."""

    update: bytes
    author: int | None


@dataclass(slots=True)
class Presence:
    """Invariants: a client id is either here or elsewhere; a session owns at most one client id."""

    server_client: int
    server_clock: int
    limits: Limits
    _here: dict[int, _Here] = field(default_factory=dict)
    _elsewhere: dict[int, _Elsewhere] = field(default_factory=dict)
    _client_of: dict[int, int] = field(default_factory=dict)
    _left: dict[int, tuple[int, float]] = field(default_factory=dict)
    _changed: set[int] = field(default_factory=set)
    _ticks: dict[str, _Tick] = field(default_factory=dict)
    _done: dict[str, float] = field(default_factory=dict)
    _server_changed: bool = False
    _server_state: str | None = None
    """Of the server's entry, until what it shows changes."""

    # From sessions ------------------------------------------------------------------------------------

    def receive(self, session: int, person: Person, update: bytes, now_s: float) -> None:
        """Takes the session's own entry and drops the rest. Raises `MalformedFrame`."""
        entries = decode(update, state_bytes_max=self.limits.frame_bytes_max)
        for entry in entries:
            if self._claim(session, person, entry, alone=len(entries) == 1) and self._fits(entry):
                self._take(session, person, entry, now_s)

    def _fits(self, entry: AwarenessState) -> bool:
        """Only one's own state is measured: others' come back to us larger, with the server's stamp in them."""
        return entry.state is None or len(entry.state.encode()) <= self.limits.awareness_bytes_max

    def _claim(self, session: int, person: Person, entry: AwarenessState, *, alone: bool) -> bool:
        own = self._client_of.get(session)
        if own is not None:
            return own == entry.client
        if entry.client == self.server_client or entry.state is None:
            return False
        here = self._here.get(entry.client)
        elsewhere = self._elsewhere.get(entry.client)
        if here is not None:
            # the newest session: late bytes of a dead socket must not take the client back
            return alone and here.person.user_id == person.user_id and session > here.session
        if elsewhere is not None:
            return alone and elsewhere.user_id == ids.to_text("usr", person.user_id)
        return True

    def _take(self, session: int, person: Person, entry: AwarenessState, now_s: float) -> None:
        if entry.state is None:
            self._remove(entry.client, now_s)
            return
        here = self._here.get(entry.client)
        if here is None or here.session != session:
            here = self._begin(session, person, entry, now_s)
        clock = entry.clock + here.offset
        if clock < here.clock:
            return
        here.clock, here.seen_s = clock, now_s
        here.state = _stamped(entry.state, person)
        self._changed.add(entry.client)

    def _begin(self, session: int, person: Person, entry: AwarenessState, now_s: float) -> _Here:
        """The newest session of an actor takes the client id over; its clock goes on where others saw it last."""
        last = self._last_clock(entry.client)
        old = self._here.get(entry.client)
        if old is not None:
            del self._client_of[old.session]
        self._elsewhere.pop(entry.client, None)
        self._left.pop(entry.client, None)
        offset = max(0, last + 1 - entry.clock)
        here = _Here(session, person, offset, entry.clock + offset, "null", now_s)
        self._here[entry.client] = here
        self._client_of[session] = entry.client
        return here

    def _last_clock(self, client: int) -> int:
        if client in self._here:
            return self._here[client].clock
        if client in self._elsewhere:
            return self._elsewhere[client].clock
        return self._left.get(client, (-1, 0.0))[0]

    def leave(self, session: int, now_s: float) -> None:
        """The session is gone; if it still owns its client id, everybody is told."""
        client = self._client_of.get(session)
        if client is not None:
            self._remove(client, now_s)

    def _remove(self, client: int, now_s: float) -> None:
        here = self._here.pop(client, None)
        if here is not None:
            self._client_of.pop(here.session, None)
            self._left[client] = (here.clock, now_s)
            self._changed.add(client)

    # From other nodes ---------------------------------------------------------------------------------

    def remote(self, node: UUID, update: bytes, now_s: float) -> list[Change]:
        """Entries of another node's sessions, for this node's. Raises `MalformedFrame`."""
        news = []
        for entry in decode(update, state_bytes_max=2 * self.limits.awareness_bytes_max):
            if entry.client != self.server_client and self._is_news(node, entry, now_s):
                news.append(entry)
        return [Change(encode(news), None)] if news else []

    def _is_news(self, node: UUID, entry: AwarenessState, now_s: float) -> bool:
        last = self._last_clock(entry.client)
        known = self._elsewhere.get(entry.client)
        ends = entry.state is None and entry.clock == last and known is not None and known.node == node
        if entry.clock <= last and not ends:
            if known is not None and known.node == node and entry.clock == known.clock:
                known.seen_s = now_s
            return False
        here = self._here.pop(entry.client, None)
        if here is not None:  # its person has come back through another node
            self._client_of.pop(here.session, None)
        if entry.state is None:
            self._elsewhere.pop(entry.client, None)
            self._left[entry.client] = (entry.clock, now_s)
        else:
            self._elsewhere[entry.client] = _Elsewhere(node, _user_id(entry.state), entry.clock, entry.state, now_s)
        return True

    def mine(self) -> bytes | None:
        """All entries of this node's sessions, for a node that asks."""
        entries = [AwarenessState(client, here.clock, here.state) for client, here in self._here.items()]
        return encode(entries) if entries else None

    # Progress -----------------------------------------------------------------------------------------

    def tick(self, progress: dict[str, Any], now_s: float) -> None:
        """Shows the newest progress of a scene's run in the server's entry; a finished run's late ticks are dropped."""
        run, scene, fence = progress.get("run"), progress.get("scn"), progress.get("seq")
        if not isinstance(run, str) or not isinstance(scene, str) or not isinstance(fence, int) or run in self._done:
            return
        known = self._ticks.get(scene)
        if known is not None and known.run == run and fence < known.fence:
            return
        if progress.get("done"):
            self._done[run] = now_s
            if known is not None and known.run == run:
                del self._ticks[scene]
        else:
            shown = {key: progress.get(key) for key in ("run", "stage", "pct", "st")}
            self._ticks[scene] = _Tick(run, fence, shown, now_s)
        self._server_changed = True
        self._server_state = None

    def _server_entry(self) -> AwarenessState:
        self.server_clock += 1
        if self._server_state is None:
            self._server_state = self._shown()
        return AwarenessState(self.server_client, self.server_clock, self._server_state)

    def _shown(self) -> str:
        """What fits of the progress of runs, the newest first."""
        newest_first = sorted(self._ticks.items(), key=lambda item: -item[1].seen_s)
        ticks: dict[str, dict[str, Any]] = {}
        state = ""
        for scene, tick in [("", None), *newest_first]:
            if tick is not None:
                ticks[scene] = tick.shown
            fuller = _compact({"user": {"name": "StoryForge", "kind": "server"}, "ticks": ticks})
            if len(fuller) > self.limits.awareness_bytes_max:
                break
            state = fuller
        return state

    # To sessions --------------------------------------------------------------------------------------

    def everybody(self) -> bytes:
        """All entries and the server's, for somebody who joins or asks."""
        entries = [AwarenessState(client, here.clock, here.state) for client, here in self._here.items()]
        entries += [AwarenessState(client, there.clock, there.state) for client, there in self._elsewhere.items()]
        return encode([*entries, self._server_entry()])

    def keepalive(self) -> Change:
        """The server's entry again: an application message, which is all that keeps stock clients connected."""
        self._server_changed = False
        return Change(encode([self._server_entry()]), None)

    @property
    def has_changes(self) -> bool:
        return bool(self._changed) or self._server_changed

    def flush(self) -> tuple[list[Change], bytes | None]:
        """What has changed since the last flush: for this node's sessions, and for the other nodes."""
        changes: list[Change] = []
        told: list[AwarenessState] = []
        for client in sorted(self._changed):
            here = self._here.get(client)
            if here is not None:
                entry = AwarenessState(client, here.clock, here.state)
                changes.append(Change(encode([entry]), here.session))
            elif client in self._left:
                entry = AwarenessState(client, self._left[client][0], None)
                changes.append(Change(encode([entry]), None))
            else:
                continue
            told.append(entry)
        self._changed.clear()
        if self._server_changed:
            changes.append(self.keepalive())
        return changes, encode(told) if told else None

    def expire(self, now_s: float) -> list[Change]:
        """Forgets who has not renewed within the time that clients use themselves, and runs that fell silent."""
        before_s = now_s - self.limits.awareness_timeout_s
        for client in [client for client, here in self._here.items() if here.seen_s < before_s]:
            self._remove(client, now_s)
        gone = [client for client, there in self._elsewhere.items() if there.seen_s < before_s]
        nulls = []
        for client in gone:
            clock = self._elsewhere.pop(client).clock
            self._left[client] = (clock, now_s)
            nulls.append(AwarenessState(client, clock, None))
        self._left = {client: left for client, left in self._left.items() if left[1] > now_s - TOMBSTONE_S}
        self._done = {run: at_s for run, at_s in self._done.items() if at_s > now_s - TOMBSTONE_S}
        self._expire_ticks(now_s - self.limits.tick_timeout_s)
        return [Change(encode(nulls), None)] if nulls else []

    def _expire_ticks(self, before_s: float) -> None:
        silent = [scene for scene, tick in self._ticks.items() if tick.seen_s < before_s]
        for scene in silent:
            del self._ticks[scene]
            self._server_changed = True
            self._server_state = None

    def has(self, client: int) -> bool:
        """Whether a session with this client id is present, here or through another node."""
        return client in self._here or client in self._elsewhere

    def client_of(self, session: int) -> int | None:
        """The client id for which a session speaks, once it has said so."""
        return self._client_of.get(session)


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _stamped(state: str, person: Person) -> str:
    """The client's state with the server's word on who it is."""
    value = json.loads(state)
    if not isinstance(value, dict):
        value = {}
    user = value.get("user")
    stamp = {"id": ids.to_text("usr", person.user_id), "name": person.name, "color": person.colour}
    own = {key: field for key, field in user.items() if key not in SERVERS_FIELDS} if isinstance(user, dict) else {}
    value["user"] = {**own, **stamp}
    return _compact(value)


def _user_id(state: str) -> str:
    """Who another node has stamped on an entry."""
    value = json.loads(state)
    user = value.get("user") if isinstance(value, dict) else None
    return str(user.get("id", "")) if isinstance(user, dict) else ""
