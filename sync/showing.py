"""What is shown and not kept: presence, progress and ephemeral messages, here and between nodes (C14)."""

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from sync import ids, relay
from sync.effects import Effect, Publish, Relay, Send
from sync.errors import MalformedFrame
from sync.limits import Limits
from sync.messages import Awareness, Ephemeral
from sync.presence import Change, Presence
from sync.session import Session

Shown = relay.Presence | relay.PresenceQuery | relay.Ephemeral | relay.Tick


class Showing:
    """Of one room. `node`: this process among those that share documents."""

    def __init__(self, presence: Presence, node: UUID, epoch: int, limits: Limits, now_s: float) -> None:
        self._presence = presence
        self._node = node
        self._epoch = epoch
        self._limits = limits
        self._spoke_s = now_s

    def everybody(self, session_id: int) -> Send:
        return Send(session_id, Awareness(self._presence.everybody()))

    def show(self, session: Session, payload: bytes) -> list[Effect]:
        """Raises `MalformedFrame` for too much."""
        if len(payload) > self._limits.ephemeral_bytes_max:
            raise MalformedFrame(f"what is only shown has at most {self._limits.ephemeral_bytes_max} bytes")
        user = ids.to_text("usr", session.person.user_id)
        told = relay.encode_ephemeral(self._node, self._epoch, user, payload)
        return [Relay(Ephemeral(user, payload), session.id), Publish(told)]

    def remote(self, message: Shown, now_s: float) -> list[Effect]:
        """Of another node, or of a worker."""
        match message:
            case relay.Presence(node, epoch, update):
                if node == self._node or epoch != self._epoch:
                    return []
                return _tell(self._presence.remote(node, update, now_s))
            case relay.PresenceQuery(node):
                mine = self._presence.mine() if node != self._node else None
                return [Publish(relay.encode_presence(self._node, self._epoch, mine))] if mine else []
            case relay.Ephemeral(node, epoch, user, payload):
                if node == self._node or epoch != self._epoch:
                    return []
                return [Relay(Ephemeral(user, payload), None)]
            case relay.Tick(progress):
                self._presence.tick(progress, now_s)
                return []
            case _:
                assert_never(message)

    def flush(self) -> list[Effect]:
        """What has changed in presence, to everybody and to the other nodes."""
        changes, told = self._presence.flush()
        effects = _tell(changes)
        if told is not None:
            effects.append(Publish(relay.encode_presence(self._node, self._epoch, told)))
        return effects

    def expire(self, now_s: float) -> list[Effect]:
        """Takes back what nobody renews."""
        return _tell(self._presence.expire(now_s))

    def keep_alive(self, now_s: float) -> list[Effect]:
        """A word now and then: stock clients end connections on which nothing comes."""
        if now_s - self._spoke_s < self._limits.keepalive_interval_s:
            return []
        self._spoke_s = now_s
        return _tell([self._presence.keepalive()])


def _tell(changes: Sequence[Change]) -> list[Effect]:
    return [Relay(Awareness(change.update), change.author) for change in changes]
