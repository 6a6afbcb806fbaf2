"""What an operator may see of a running hub: who is where, what waits, who was sent away. Never content or tokens.

Reads the hub and changes nothing; how it is shown is `operators_page`'s.
"""

from typing import Any

from realtime.host import RoomHost
from realtime.hub import Hub
from realtime.outlet import Outlet
from realtime.recent import Refused
from sync import ids

ROOMS_MAX = 200
PEOPLE_MAX = 50
"""Of one room. The counts beside them are of all."""


def inspect(hub: Hub) -> dict[str, Any]:
    """As JSON. Rooms with most people come first, people with most unread bytes."""
    now_s = hub.now_s()
    hosts = sorted(hub.hosts.values(), key=lambda host: (-len(host.outlets), str(host.room.name)))
    return {
        "node": hub.settings.node.hex,
        "draining": hub.is_draining,
        "connections": len(hub.wires),
        "sessions": hub.session_count(),
        "room_count": len(hosts),
        "uncommitted_bytes": hub.uncommitted_bytes(),
        "outbox_bytes": hub.outbox_bytes(),
        "parked_updates": hub.parked_updates(),
        "publications_waiting": hub.publications_waiting(),
        "rooms": [_room(host) for host in hosts[:ROOMS_MAX]],
        "refusals": [_refused(one) for one in hub.recent_refusals.newest_first()],
        "nodes": [
            {
                "node": one.node.hex,
                "rooms": one.rooms,
                "sessions": one.sessions,
                "silent_s": round(now_s - one.heard_s, 1),
            }
            for one in hub.neighbours.here(now_s)
        ],
    }


def _room(host: RoomHost) -> dict[str, Any]:
    order = host.room.order
    people = sorted(host.outlets.values(), key=lambda outlet: -outlet.waiting_bytes)
    return {
        "document": str(host.room.name),
        "seq": order.seq,
        "snapshot_seq": host.snapshot_seq,
        "sessions": len(people),
        "uncommitted_bytes": order.uncommitted_bytes,
        "parked_updates": host.parked_count,
        "has_gap": order.has_gap,
        "people": [_person(outlet) for outlet in people[:PEOPLE_MAX]],
    }


def _person(outlet: Outlet) -> dict[str, Any]:
    """The name that everybody in the room sees, and the id that support asks for; no address."""
    identity = outlet.identity
    return {
        "user": ids.to_text("usr", identity.actor.user_id),
        "name": identity.actor.name,
        "role": identity.role.value,
        "acknowledges": outlet.acknowledges,
        "waiting_bytes": outlet.waiting_bytes,
    }


def _refused(one: Refused) -> dict[str, Any]:
    return {
        "at_s": round(one.at_s, 3),
        "code": one.code,
        "reason": one.reason,
        "document": one.document,
        "user": None if one.actor is None else ids.to_text("usr", one.actor),
    }
