"""Every limit of the wire and of a room, with its unit (protocol.md), as one frozen object for whoever enforces it."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Defaults of the specification. A door may raise the rates for load tests; the accounting stays on."""

    frame_bytes_max: int = 1 * MIB
    update_bytes_max: int = 256 * KIB
    step2_bytes_max: int = 1 * MIB
    answer_bytes_max: int = 8 * MIB
    """Of a native client's answer to Step1, which comes in fragments."""
    fragment_bytes_max: int = 256 * KIB
    fragments_max: int = 64
    fragments_timeout_s: float = 30.0
    ephemeral_bytes_max: int = 8 * KIB
    awareness_bytes_max: int = 2 * KIB
    awareness_per_s_max: int = 30
    updates_per_s_max: int = 200
    update_bytes_per_s_max: int = 512 * KIB
    burst_s: float = 4.0
    documents_per_socket_max: int = 100
    messages_per_frame_max: int = 64
    unauthenticated_frames_max: int = 16
    unauthenticated_bytes_max: int = 64 * KIB
    authentication_timeout_s: float = 10.0
    entering_max: int = 5_000
    """Sessions of one hub that wait to be let in; more are sent away with 1013, and stock clients come back later."""
    parked_bytes_max: int = 64 * KIB
    parked_timeout_s: float = 10.0
    refusals_per_minute_max: int = 3
    document_bytes_max: int = 8 * MIB
    outbox_bytes_max: int = 1 * MIB
    outbox_frames_max: int = 1024
    uncommitted_bytes_max: int = 16 * MIB
    """Edits of one document that PostgreSQL has not taken yet; past it sessions are closed with 1013."""
    keepalive_interval_s: float = 20.0
    awareness_timeout_s: float = 30.0
    tick_timeout_s: float = 15.0
    token_refresh_timeout_s: float = 10.0
