"""What is measured: the benches with their yload options, the rows of each table and what must be reached.

Only data. `figures.py` computes with it, `run.py` carries it out.
"""

from dataclasses import dataclass
from typing import Literal

Better = Literal["more", "less", ""]
OURS = "ours"
HOCUSPOCUS, YWEBSOCKET, PYCRDT, RELAY = "hocuspocus4", "y-websocket", "pycrdt-uvicorn", "null"
EVERYONE = (OURS, HOCUSPOCUS, YWEBSOCKET, PYCRDT, RELAY)


@dataclass(frozen=True, slots=True)
class Row:
    """`path`: where yload's JSON has it. `better` "" has no ratio."""

    path: str
    label: str
    better: Better = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Against a peer: how many times better than it ours must be. Without one: ours must be at most `bound`."""

    path: str
    bound: float
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """`small`: options that replace those of `options` on a small machine; the report says so.

    `beside`: what else goes on in the first document (`beside.py`); only where both speak Hocuspocus' dialect.
    """

    name: str
    options: tuple[str, ...]
    rows: tuple[Row, ...]
    targets: tuple[Target, ...]
    servers: tuple[str, ...] = EVERYONE
    documents: int = 1
    small: tuple[str, ...] = ()
    document_file: bool = False
    acknowledged: bool = False
    beside: str = ""
    note: str = ""


NOISE = (
    Row("stores_cpu_pct", "CPU of PostgreSQL and Valkey %"),
    Row("loadgen_cpu_pct", "CPU of the load generator %"),
    Row("other_cpu_pct", "CPU of other processes %"),
)
FANOUT = (
    Row("sent_per_s", "edits/s"),
    Row("delivered_per_s", "deliveries/s", "more"),
    Row("server_us_per_delivery", "server us/delivery", "less"),
    Row("latency_current_ms.p50", "latency p50 ms", "less"),
    Row("latency_current_ms.p99", "latency p99 ms", "less"),
    Row("server_cpu_pct", "server CPU %", "less"),
    Row("server_rss_kb.after", "server memory kB", "less"),
    Row("superseded", "superseded"),
    Row("lost", "lost"),
    Row("backlog", "backlog after the drain"),
    Row("final_check.missing", "missing at the end"),
    Row("disconnects", "disconnects"),
    *NOISE,
)
AWARENESS = (
    *FANOUT[:2],
    Row("current_per_s", "made current/s", "more"),
    FANOUT[2],
    Row("server_us_per_current", "server us/made current", "less"),
    *(row for row in FANOUT[3:] if row.path != "final_check.missing"),
)
ACKS = (
    Row("ack_ms.p50", "SyncStatus p50 ms"),
    Row("ack_ms.p95", "SyncStatus p95 ms"),
    Row("ack_ms.p99", "SyncStatus p99 ms"),
    Row("ack_ms.max", "SyncStatus max ms"),
    Row("ack_missing", "updates without SyncStatus"),
    Row("ack_refused", "updates refused"),
    *FANOUT,
)
IDLE = (
    Row("conns", "connections"),
    Row("connect_per_s", "connects/s", "more"),
    Row("connect.synced_ms.p50", "synced p50 ms", "less"),
    Row("connect.synced_ms.p99", "synced p99 ms", "less"),
    Row("kb_per_conn_overall", "kB/connection, documents included", "less"),
    Row("kb_per_conn", "kB/connection", "less"),
    Row("kb_per_doc", "kB/document", "less"),
    Row("server_cpu_ms_per_conn", "server CPU ms/connect", "less"),
    Row("hold_server_cpu_pct", "server CPU while idle %", "less"),
    Row("disconnects", "disconnects"),
    *NOISE,
)
JOIN = (
    Row("conc.joins_per_s", "joins/s, all at once", "more"),
    Row("conc.join_ms.p50", "join p50 ms, all at once", "less"),
    Row("conc.join_ms.p99", "join p99 ms, all at once", "less"),
    Row("conc.server_cpu_ms_per_join", "server CPU ms/join, all at once", "less"),
    Row("seq.joins_per_s", "joins/s, one by one", "more"),
    Row("seq.join_ms.p50", "join p50 ms, one by one", "less"),
    Row("seq.step2_bytes_min", "bytes of Step2"),
    Row("server_rss_kb.after", "server memory kB", "less"),
    *NOISE,
)
STORM = (
    Row("dropped", "dropped"),
    Row("resync_s", "all synced again s", "less"),
    Row("resync_ms.p50", "back p50 ms", "less"),
    Row("resync_ms.p99", "back p99 ms", "less"),
    Row("server_cpu_s_per_round", "server CPU s/round", "less"),
    Row("listen_overflows", "connections the kernel turned away"),
    *NOISE,
)
NODES = (
    Row("same_ms.p50", "same node p50 ms"),
    Row("same_ms.p99", "same node p99 ms"),
    Row("cross_ms.p50", "other node p50 ms"),
    Row("cross_ms.p99", "other node p99 ms"),
    Row("commit_ms", "one commit ms"),
    Row("cross_over_allowed", "other node p99 / (2 x same node p99 + one commit + 5 ms)"),
    Row("missing", "edits that did not arrive"),
    Row("hubs_cpu_pct", "CPU of both hubs %"),
    Row("stores_cpu_pct", "CPU of PostgreSQL and Valkey %"),
    Row("driver_cpu_pct", "CPU of the driver %"),
)

MAP = ("--op", "map", "--root", "ext")
US = "server_us_per_delivery"
BENCHES: dict[str, Bench] = {
    bench.name: bench
    for bench in (
        Bench(
            "fanout",
            ("fanout", "--docs", "10", "--clients", "20", "--writers", "4", "--window", "1", "--ack", "all", *MAP),
            FANOUT,
            (Target(US, 2.5, HOCUSPOCUS), Target(US, 3.5, YWEBSOCKET), Target(US, 15, PYCRDT)),
            documents=10,
        ),
        Bench(
            "crowd",
            ("fanout", "--docs", "1", "--clients", "1500", "--writers", "10", "--rate", "10", *MAP),
            FANOUT,
            (Target(US, 1 / 1.6, RELAY), Target("latency_current_ms.p99", 2, HOCUSPOCUS)),
            (OURS, HOCUSPOCUS, YWEBSOCKET, RELAY),
            note="Without pycrdt-websocket: 150,000 deliveries a second are four times what it does. At a fixed rate a "
            "server that comes late writes more at once and spends less a delivery: read CPU and latency together.",
        ),
        Bench(
            "awareness",
            ("awareness", "--docs", "20", "--clients", "20", "--rate", "10"),
            AWARENESS,
            (Target("server_us_per_current", 2, HOCUSPOCUS), Target("server_us_per_current", 2, YWEBSOCKET)),
            documents=20,
            note="A value that a later one of the same client made unnecessary counts as made current, for everyone.",
        ),
        Bench(
            "join",
            ("join", "--docs", "1", "--joins", "30", "--concurrency", "30"),
            JOIN,
            (Target("conc.joins_per_s", 8, HOCUSPOCUS),),
            (OURS, HOCUSPOCUS, YWEBSOCKET, PYCRDT),
            document_file=True,
            note="Without the relay, which holds no documents.",
        ),
        Bench(
            "idle",
            ("idle", "--docs", "500", "--conns", "8000", "--hold", "5"),
            IDLE,
            (Target("kb_per_conn_overall", 12), Target("connect_per_s", 2, HOCUSPOCUS)),
            documents=500,
            small=("--conns", "2000"),
        ),
        Bench(
            "storm",
            ("storm", "--docs", "50", "--conns", "2000", "--rounds", "3", "--keep-one"),
            STORM,
            (Target("resync_s", 2, HOCUSPOCUS),),
            documents=50,
            small=("--conns", "1000"),
        ),
        Bench(
            "acks",
            ("fanout", "--docs", "50", "--clients", "20", "--writers", "20", "--rate", "2", "--settle", "1", *MAP),
            ACKS,
            (Target("ack_ms.p95", 15), Target("ack_ms.p99", 50)),
            (OURS, HOCUSPOCUS),
            documents=50,
            acknowledged=True,
            note="From the time an edit was due to its SyncStatus. Ours says it after the commit, with fsync on; "
            "Hocuspocus says it from memory. The others have no acknowledgement.",
        ),
        Bench(
            "pairs",
            ("fanout", "--docs", "400", "--clients", "2", "--writers", "1", "--window", "1", *MAP),
            FANOUT,
            (),
            (OURS, HOCUSPOCUS, YWEBSOCKET, RELAY),
            documents=400,
            note="One writes, one reads, in each of 400 documents: nothing is shared, so nothing can be saved. Ours "
            "commits each of these edits.",
        ),
        Bench(
            "pasted",
            ("fanout", "--docs", "1", "--clients", "200", "--writers", "10", "--rate", "10", *MAP),
            ACKS,
            (),
            (OURS, HOCUSPOCUS),
            acknowledged=True,
            beside="paste",
            note="A crowd in a storyboard in which somebody replaces 60 texts by one update of 114 KB, four times a "
            "second. Only the crowd's small edits are counted.",
        ),
        Bench(
            "deaf",
            ("fanout", "--docs", "1", "--clients", "600", "--writers", "10", "--rate", "10", *MAP),
            ACKS,
            (),
            (OURS, HOCUSPOCUS),
            acknowledged=True,
            beside="deaf",
            note="A crowd beside 100 connections that have joined and do not read. Ours bounds what waits for them.",
        ),
        Bench(
            "nodes",
            (),
            NODES,
            (Target("cross_over_allowed", 1),),
            (OURS,),
            documents=10,
            note="Two hubs on the same stores. Ten documents, in each one writer at 10 edits/s on one node and a "
            "reader on either; a Python driver, so the times contain its own.",
        ),
    )
}


def options_of(bench: Bench, small: bool) -> tuple[str, ...]:
    """yload's, with those of a small machine put in place of the full ones."""
    options = list(bench.options)
    if small:
        for flag, value in zip(bench.small[::2], bench.small[1::2], strict=True):
            options[options.index(flag) + 1] = value
    return tuple(options)
