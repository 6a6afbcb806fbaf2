/*
 * yload - single-threaded epoll load generator for Yjs WebSocket servers.
 *
 * Speaks the y-protocols sync/awareness messages over WebSocket, either in the
 * y-websocket flavour (document name in the URL) or the Hocuspocus flavour
 * (document name in front of every message, Auth message first).
 *
 * Scenarios: fanout, awareness, idle, join, storm; `gen` writes the updates to
 * a file for verification.  See README.md.  Prints one JSON object on stdout.
 *
 * Every update carries a marker "@@" + 8 hex digits.  Yjs v1 updates and JSON
 * awareness states keep it as raw ASCII, so a receiver finds it by scanning the
 * frame, even if the server merged several updates into one frame.
 *
 * Build: gcc -O2 -Wall -o yload yload.c -lm
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

#define MARK_LEN 10                 /* "@@" + 8 hex digits */
#define MAX_MARKS (1u << 26)        /* marker table, lazily backed by memory */
#define READ_CHUNK (128 * 1024)
#define SMALL_MAX (64 * 1024)       /* larger frames are streamed, not buffered */
#define TX_MAX (32 * 1024)          /* largest frame built in txbuf */
#define OUT_LIMIT (4u << 20)        /* per connection backlog before sends are skipped */
#define NS 1000000000ull

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

/* ------------------------------------------------------------------ options */

enum { OP_MAP, OP_TEXT, OP_ARRAY, OP_AWARENESS };
static const char *op_names[] = {"map", "text", "array", "awareness"};

#define MAX_EXTRA 16
static struct {
    const char *scenario;
    struct in_addr host;
    int port;
    char hostname[64], path[1024];
    bool hocus;
    int docs, clients, writers, conns;
    double rate, duration, warmup, drain, drain_idle, settle, hold, timeout, presence;
    int window, op, pad;
    bool no_preload, ack_all, poisson, spin, oneway, drop_fin, keep_one, verify, verbose, polite;
    int batch_us, parallel, src_addrs, rounds, joins, concurrency;
    char prefix[128];
    const char *docs_file, *token, *version, *update_file, *out, *label, *dump, *dump_state, *subprotocol, *root;
    const char *headers[MAX_EXTRA], *queries[MAX_EXTRA];
    int n_headers, n_queries;
    int server_pid, stores_pid;
    double min_frac;
    u64 seed;
    u32 gen_client;
    int gen_count;
} O;

static bool json_open;
static void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* ------------------------------------------------------------ small helpers */

static inline u64 now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * NS + (u64)t.tv_nsec;
}

static u64 rng_state = 88172645463325252ull;
static inline u64 rnd(void) {               /* xorshift64* */
    rng_state ^= rng_state >> 12;
    rng_state ^= rng_state << 25;
    rng_state ^= rng_state >> 27;
    return rng_state * 2685821657736338717ull;
}

static void *xalloc(size_t n) {
    void *p = calloc(1, n ? n : 1);
    if (!p) die("out of memory (%zu bytes)", n);
    return p;
}

/* lib0 varUint / varString */
static inline u8 *wr_var(u8 *p, u64 v) {
    while (v > 127) { *p++ = (u8)(v | 128); v >>= 7; }
    *p++ = (u8)v;
    return p;
}
static inline u8 *wr_bytes(u8 *p, const void *s, size_t n) {
    p = wr_var(p, n);
    memcpy(p, s, n);
    return p + n;
}
static inline u8 *wr_str(u8 *p, const char *s) { return wr_bytes(p, s, strlen(s)); }
static inline bool rd_var(const u8 **pp, const u8 *e, u64 *out) {
    const u8 *p = *pp;
    u64 v = 0;
    for (int sh = 0; p < e && sh < 63; sh += 7) {
        u8 b = *p++;
        v |= (u64)(b & 127) << sh;
        if (b < 128) { *pp = p; *out = v; return true; }
    }
    return false;
}

/* Log-linear histogram over nanoseconds: 64 ns units, <1% relative error. */
#define HSUB 128
typedef struct { u64 c[58 * HSUB]; u64 n, max, sum; } hist;
static inline void hist_add(hist *h, u64 ns) {
    u64 v = ns >> 6;
    unsigned i;
    if (v < 2 * HSUB) i = (unsigned)v;
    else {
        unsigned e = 63 - (unsigned)__builtin_clzll(v) - 7;   /* v>>e in [128,256) */
        i = e * HSUB + (unsigned)(v >> e);
    }
    h->c[i]++;
    h->n++;
    h->sum += ns;
    if (ns > h->max) h->max = ns;
}
static double hist_ms(const hist *h, double q) {
    if (!h->n) return 0;
    u64 want = (u64)ceil(q * (double)h->n), acc = 0;
    if (want < 1) want = 1;
    for (unsigned i = 0; i < 58 * HSUB; i++) {
        acc += h->c[i];
        if (acc >= want) {
            double v;
            if (i < 2 * HSUB) v = i + 0.5;
            else {
                unsigned e = i / HSUB - 1, m = i - e * HSUB;
                v = ldexp(m + 0.5, (int)e);
            }
            v *= 64;
            return (v > (double)h->max ? (double)h->max : v) / 1e6;
        }
    }
    return (double)h->max / 1e6;
}

/* ----------------------------------------------------- SHA-1 + base64 (RFC 6455) */

static void sha1(const u8 *msg, size_t len, u8 out[20]) {
    u32 h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    u8 buf[192] = {0};                              /* our input is 60 bytes */
    size_t total = ((len + 8) / 64 + 1) * 64;
    memcpy(buf, msg, len);
    buf[len] = 0x80;
    for (int i = 0; i < 8; i++) buf[total - 1 - i] = (u8)(((u64)len * 8) >> (8 * i));
    for (size_t off = 0; off < total; off += 64) {
        u32 w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 16; i++)
            w[i] = (u32)buf[off + 4 * i] << 24 | (u32)buf[off + 4 * i + 1] << 16 |
                   (u32)buf[off + 4 * i + 2] << 8 | buf[off + 4 * i + 3];
#define ROL(x, n) ((x) << (n) | (x) >> (32 - (n)))
        for (int i = 16; i < 80; i++) w[i] = ROL(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        for (int i = 0; i < 80; i++) {
            u32 f, k;
            if (i < 20) f = (b & c) | (~b & d), k = 0x5A827999;
            else if (i < 40) f = b ^ c ^ d, k = 0x6ED9EBA1;
            else if (i < 60) f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDC;
            else f = b ^ c ^ d, k = 0xCA62C1D6;
            u32 t = ROL(a, 5) + f + e + k + w[i];
            e = d; d = c; c = ROL(b, 30); b = a; a = t;
        }
        h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e;
    }
    for (int i = 0; i < 20; i++) out[i] = (u8)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const u8 *in, size_t n, char *out) {
    static const char t[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        u32 v = (u32)in[i] << 16 | (i + 1 < n ? (u32)in[i + 1] << 8 : 0) | (i + 2 < n ? in[i + 2] : 0);
        *out++ = t[v >> 18];
        *out++ = t[v >> 12 & 63];
        *out++ = i + 1 < n ? t[v >> 6 & 63] : '=';
        *out++ = i + 2 < n ? t[v & 63] : '=';
    }
    *out = 0;
}

static void ws_key(u64 nonce, char key[25]) {
    u8 raw[16];
    for (int i = 0; i < 16; i++) {
        nonce = nonce * 6364136223846793005ull + 1442695040888963407ull;
        raw[i] = (u8)(nonce >> 56);
    }
    base64(raw, 16, key);
}
static void ws_accept(const char *key, char out[29]) {
    u8 buf[64], d[20];
    memcpy(buf, key, 24);
    memcpy(buf + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    sha1(buf, 60, d);
    base64(d, 20, out);
}

/* -------------------------------------------------------------------- state */

typedef struct { char *name, *token; u32 conns; } doc_t;

/* Which markers of one writer a receiver has seen: highest seq + 64-wide window. */
typedef struct { u32 last, pad; u64 mask; } track_t;

typedef struct {
    u32 client, clock, seq;         /* Yjs client id / clock; seq = updates sent */
    u32 conn, doc, local;           /* owning connection, its doc, index among the doc's writers */
    u32 last_id;                    /* last marker id sent */
    int outstanding;
    u64 *unsaved;                   /* when updates without a SyncStatus were due, a ring */
    u32 saved_n, unsaved_n, unsaved_cap;
} writer_t;

typedef struct { u64 t; u32 writer, seq, prev, seen; } mark_t;

enum { ST_NONE, ST_RETRY, ST_CONNECT, ST_HTTP, ST_AUTH, ST_SYNC, ST_READY, ST_CLOSED };
enum { GOT_STEP1 = 1, GOT_STEP2 = 2, IS_VERIFY = 4, IS_TEMP = 8, INFLIGHT = 16 };
enum { K_OTHER, K_STEP1, K_STEP2, K_UPDATE, K_AWARE, K_AUTH, K_SAVED, K_BAD, K_FRAGMENT };

typedef struct {
    int fd;
    u8 st, flags, want_out, frag_op, frag_fin, big_kind, carry;
    u32 doc, id;
    int writer;                     /* index into writers or -1 */
    int fails;
    u32 aw_client, aw_clock;        /* awareness identity */
    u64 nonce, t_start, t_http, t_step2, t_sync, t_retry, step2_len;
    u8 *in;  u32 in_len, in_cap;    /* partial frame */
    u8 *out; u32 out_off, out_len, out_cap;
    u8 *msg; size_t msg_len;        /* reassembly of fragmented messages */
    u64 big_left, big_len;          /* streaming a large frame */
    track_t *track;
} conn_t;

static doc_t *docs;
static conn_t *conns;
static writer_t *writers;
static u32 n_writers;
static mark_t *marks;
static u32 n_marks = 1;             /* id 0 is never used */
static u8 *vseen;                   /* marker ids seen by the verifying clients */
static int ep = -1;

static u8 rbuf[SMALL_MAX + 64 + READ_CHUNK];
static u8 txbuf[TX_MAX + 64];
#define TXH 14                      /* room for the frame header */

/* Counters. `live` ones are read by difference between two snapshots. */
static struct {
    u64 bytes_in, bytes_out, frames, updates, aware, other, reads, polls;
    u64 sent, delivered, gaps, holes, dup, reordered, echo, unknown, misrouted;
    u64 ack_extra, ack_refused;
    u64 skipped, disconnects, retries, pings, step2_bytes;
} S;
static u64 expected;
static hist H_ack, H_lat, H_eff, H_lag, H_http, H_sync, H_join;
static u64 win0 = ~0ull, win1 = ~0ull;      /* latencies count for markers sent in [win0,win1) */
static u32 n_synced, n_inflight, n_failed;  /* n_failed: connections waiting for a retry */
static u32 *ready_q, ready_n;               /* closed loop: writers that may send again */
static char last_error[256];
static u8 *preload;
static size_t preload_len;
static FILE *dump_f;

static void die(const char *fmt, ...) {
    char msg[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(msg, sizeof msg, fmt, ap);
    va_end(ap);
    for (char *p = msg; *p; p++) if (*p == '"' || *p == '\\' || (u8)*p < 32) *p = '\'';
    fprintf(stderr, "yload: %s\n", msg);
    if (json_open) putchar('\n');
    printf("{\"ok\": false, \"scenario\": \"%s\", \"error\": \"%s\"}\n", O.scenario ? O.scenario : "", msg);
    exit(2);
}
static void note(const char *fmt, ...) {
    if (!O.verbose) return;
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

/* ------------------------------------------- CPU and memory of the processes */

static int tree[512], n_tree;       /* the server */
static int side[512], n_side;       /* processes that work for it, e.g. its database: a row of their own */

/* All descendants of the two processes, found by parent ids in /proc. */
static void find_tree(void) {
    n_tree = n_side = 0;
    if (O.server_pid <= 0) return;
    static int pid[65536], ppid[65536];
    int n = 0;
    DIR *d = opendir("/proc");
    if (!d) return;
    for (struct dirent *e; (e = readdir(d)) && n < 65536;) {
        int p = atoi(e->d_name);
        if (p <= 0) continue;
        char f[64], b[512];
        snprintf(f, sizeof f, "/proc/%d/stat", p);
        int fd = open(f, O_RDONLY);
        if (fd < 0) continue;
        ssize_t r = read(fd, b, sizeof b - 1);
        close(fd);
        if (r <= 0) continue;
        b[r] = 0;
        char *q = strrchr(b, ')');
        if (!q || sscanf(q + 2, "%*c %d", &ppid[n]) != 1) continue;
        pid[n++] = p;
    }
    closedir(d);
    tree[n_tree++] = O.server_pid;
    for (int k = 0; k < n_tree; k++)
        for (int i = 0; i < n && n_tree < 512; i++)
            if (ppid[i] == tree[k]) tree[n_tree++] = pid[i];
    if (O.stores_pid <= 0) return;
    side[n_side++] = O.stores_pid;
    for (int k = 0; k < n_side; k++)
        for (int i = 0; i < n && n_side < 512; i++)
            if (ppid[i] == side[k]) side[n_side++] = pid[i];
}

typedef struct { double user, sys; } cpu_t;
static cpu_t cpu_of(const int *pids, int n_pids) {
    cpu_t c = {0, 0};
    double hz = (double)sysconf(_SC_CLK_TCK);
    for (int i = 0; i < n_pids; i++) {
        char f[64], b[1024];
        snprintf(f, sizeof f, "/proc/%d/stat", pids[i]);
        int fd = open(f, O_RDONLY);
        if (fd < 0) continue;
        ssize_t r = read(fd, b, sizeof b - 1);
        close(fd);
        if (r <= 0) continue;
        b[r] = 0;
        char *q = strrchr(b, ')');
        unsigned long u, s;
        long cu, cs;
        if (q && sscanf(q + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld", &u, &s, &cu, &cs) == 4) {
            c.user += (double)(u + (unsigned long)cu) / hz;
            c.sys += (double)(s + (unsigned long)cs) / hz;
        }
    }
    return c;
}
static cpu_t server_cpu(void) { return cpu_of(tree, n_tree); }
static long server_rss_kb(void) {
    long sum = 0;
    for (int i = 0; i < n_tree; i++) {
        char f[64], line[256];
        snprintf(f, sizeof f, "/proc/%d/status", tree[i]);
        FILE *fp = fopen(f, "r");
        if (!fp) continue;
        long kb;
        while (fgets(line, sizeof line, fp))
            if (sscanf(line, "VmRSS: %ld", &kb) == 1) { sum += kb; break; }
        fclose(fp);
    }
    return sum;
}
static double self_cpu(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)r.ru_utime.tv_sec + (double)r.ru_utime.tv_usec / 1e6 +
           (double)r.ru_stime.tv_sec + (double)r.ru_stime.tv_usec / 1e6;
}

/* What else kept the machine busy: CPU of neither the server nor us, steal time,
 * and connections the kernel turned away because a listen queue was full. */
typedef struct { u64 t; double busy, steal, server, stores, self; u64 overflows; } noise_t;
static noise_t noise(void) {
    noise_t n = {.t = now_ns()};
    cpu_t c = server_cpu();
    n.server = c.user + c.sys;
    c = cpu_of(side, n_side);
    n.stores = c.user + c.sys;
    n.self = self_cpu();
    u64 v[8] = {0};
    FILE *f = fopen("/proc/stat", "r");
    if (f) {
        if (fscanf(f, "cpu %lu %lu %lu %lu %lu %lu %lu %lu", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) == 8) {
            double hz = (double)sysconf(_SC_CLK_TCK);
            n.busy = (double)(v[0] + v[1] + v[2] + v[5] + v[6]) / hz;
            n.steal = (double)v[7] / hz;
        }
        fclose(f);
    }
    static char names[8192], vals[8192];
    f = fopen("/proc/net/netstat", "r");
    while (f && fgets(names, sizeof names, f) && fgets(vals, sizeof vals, f)) {
        char *a, *b, *x = strtok_r(names, " \n", &a), *y = strtok_r(vals, " \n", &b);
        for (; x && y; x = strtok_r(NULL, " \n", &a), y = strtok_r(NULL, " \n", &b))
            if (!strcmp(x, "ListenOverflows")) n.overflows = strtoull(y, NULL, 10);
    }
    if (f) fclose(f);
    return n;
}

/* ------------------------------------------------------------ sending frames */

static void conn_down(conn_t *c, const char *why);

static void set_events(conn_t *c, bool out) {
    if (c->want_out == out) return;
    struct epoll_event ev = {.events = EPOLLIN | (out ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev);
    c->want_out = out;
}

static void out_queue(conn_t *c, const u8 *p, size_t n) {
    if (c->out_len + n > c->out_cap) {
        if (c->out_off) {
            memmove(c->out, c->out + c->out_off, c->out_len - c->out_off);
            c->out_len -= c->out_off;
            c->out_off = 0;
        }
        if (c->out_len + n > c->out_cap) {
            c->out_cap = (u32)((c->out_len + n) * 2);
            c->out = realloc(c->out, c->out_cap);
            if (!c->out) die("out of memory");
        }
    }
    memcpy(c->out + c->out_len, p, n);
    c->out_len += (u32)n;
    set_events(c, true);
}

static void send_raw(conn_t *c, const u8 *p, size_t n) {
    if (c->fd < 0) return;
    if (c->out_len > c->out_off) { out_queue(c, p, n); return; }
    ssize_t r = send(c->fd, p, n, MSG_NOSIGNAL);
    if (r < 0) {
        if (errno != EAGAIN && errno != EINTR) { conn_down(c, strerror(errno)); return; }
        r = 0;
    }
    S.bytes_out += (u64)r;
    if ((size_t)r < n) out_queue(c, p + r, n - (size_t)r);
}

static void flush_out(conn_t *c) {
    while (c->out_off < c->out_len) {
        ssize_t r = send(c->fd, c->out + c->out_off, c->out_len - c->out_off, MSG_NOSIGNAL);
        if (r < 0) {
            if (errno == EAGAIN || errno == EINTR) return;
            conn_down(c, strerror(errno));
            return;
        }
        S.bytes_out += (u64)r;
        c->out_off += (u32)r;
    }
    free(c->out);
    c->out = NULL;
    c->out_off = c->out_len = c->out_cap = 0;
    set_events(c, false);
}

/* Frame the payload at buf+TXH (masked, in place) and send it. */
static void send_frame(conn_t *c, u8 op, u8 *buf, size_t len) {
    u8 *pl = buf + TXH, *h;
    u32 m32 = (u32)(rnd() >> 32);
    u64 m = (u64)m32 << 32 | m32;
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        u64 v;
        memcpy(&v, pl + i, 8);
        v ^= m;
        memcpy(pl + i, &v, 8);
    }
    for (; i < len; i++) pl[i] ^= (u8)(m32 >> (8 * (i & 3)));
    memcpy(pl - 4, &m32, 4);
    if (len < 126) {
        h = pl - 6;
        h[1] = (u8)(128 | len);
    } else if (len < 65536) {
        h = pl - 8;
        h[1] = 128 | 126;
        h[2] = (u8)(len >> 8);
        h[3] = (u8)len;
    } else {
        h = pl - 14;
        h[1] = 128 | 127;
        for (int k = 0; k < 8; k++) h[2 + k] = (u8)((u64)len >> (56 - 8 * k));
    }
    h[0] = 128 | op;
    send_raw(c, h, (size_t)(pl + len - h));
}

/* Start of every protocol message: Hocuspocus puts the document name first. */
static inline u8 *msg_begin(conn_t *c, u8 *p) {
    return O.hocus ? wr_str(p, docs[c->doc].name) : p;
}
static void send_msg(conn_t *c, const u8 *body, size_t n) {
    u8 *p = msg_begin(c, txbuf + TXH);
    memcpy(p, body, n);
    send_frame(c, 2, txbuf, (size_t)(p + n - (txbuf + TXH)));
}

static void send_auth(conn_t *c) {
    const char *tok = docs[c->doc].token ? docs[c->doc].token : O.token;
    u8 *p = msg_begin(c, txbuf + TXH);
    *p++ = 2;                                   /* Auth */
    *p++ = 0;                                   /* Token */
    p = wr_str(p, tok);
    if (*O.version) p = wr_str(p, O.version);   /* provider version, since v4 */
    send_frame(c, 2, txbuf, (size_t)(p - (txbuf + TXH)));
}
static void send_step1(conn_t *c) { send_msg(c, (const u8[]){0, 0, 1, 0}, 4); }
static void send_empty_step2(conn_t *c) { send_msg(c, (const u8[]){0, 1, 2, 0, 0}, 5); }

/* Sync message `update` with a large body (document preload). */
static void send_update_bytes(conn_t *c, const u8 *u, size_t n) {
    u8 *buf = xalloc(n + 1024);
    u8 *p = msg_begin(c, buf + TXH);
    *p++ = 0;
    *p++ = 2;
    p = wr_bytes(p, u, n);
    send_frame(c, 2, buf, (size_t)(p - (buf + TXH)));
    free(buf);
}

/* ------------------------------------------------------------ Yjs v1 updates */

static const char hexd[] = "0123456789abcdef";
static inline void put_marker(char *s, u32 id) {
    s[0] = s[1] = '@';
    for (int i = 0; i < 8; i++) s[2 + i] = hexd[id >> (28 - 4 * i) & 15];
}
static void put_digits(char *s, int n) {
    u64 v = rnd();
    for (int i = 0; i < n; i++) {
        if (i % 16 == 15) v = rnd();
        s[i] = (char)('0' + (v & 7));
        v >>= 4;
    }
}

/* One struct by one client: what Yjs itself emits for the same operation. */
static u8 *build_update(u8 *p, writer_t *w, u32 id) {
    char s[MARK_LEN + 4096];
    put_marker(s, id);
    put_digits(s + MARK_LEN, O.pad);
    size_t n = MARK_LEN + (size_t)O.pad;
    bool first = w->clock == 0;

    *p++ = 1;                                   /* clients */
    *p++ = 1;                                   /* structs */
    p = wr_var(p, w->client);
    p = wr_var(p, w->clock);
    u8 info = O.op == OP_TEXT ? 4 : 8;          /* ContentString / ContentAny */
    if (O.op == OP_MAP) info |= 0x20;           /* has a parentSub (the key) */
    if (!first) info |= 0x80;                   /* has an origin: own last item */
    *p++ = info;
    if (first) {
        *p++ = 1;                               /* parent is a root type */
        p = wr_str(p, O.root ? O.root : O.op == OP_MAP ? "m" : O.op == OP_TEXT ? "t" : "a");
        if (O.op == OP_MAP) {
            char key[16];
            snprintf(key, sizeof key, "k%u", w->local);
            p = wr_str(p, key);
        }
    } else {
        p = wr_var(p, w->client);
        p = wr_var(p, w->clock - 1);
    }
    if (O.op != OP_TEXT) { *p++ = 1; *p++ = 119; }   /* one value: a string */
    p = wr_bytes(p, s, n);
    if (O.op == OP_MAP && !first) {             /* the value that was overwritten */
        *p++ = 1;
        p = wr_var(p, w->client);
        *p++ = 1;
        p = wr_var(p, w->clock - 1);
        *p++ = 1;
    } else *p++ = 0;
    w->clock += O.op == OP_TEXT ? (u32)n : 1;
    return p;
}

static u8 *build_awareness(u8 *p, u32 client, u32 clock, const char *marker) {
    char js[256];
    u64 r = rnd();
    int n = snprintf(js, sizeof js, "{\"user\":{\"name\":\"u%u\",\"color\":\"#30bced\"},\"cursor\":{\"x\":%u,\"y\":%u}%s%s%s}",
                     client, (u32)(r & 2047), (u32)(r >> 20 & 1023),
                     marker ? ",\"m\":\"" : "", marker ? marker : "", marker ? "\"" : "");
    *p++ = 1;                                   /* clients in this update */
    p = wr_var(p, client);
    p = wr_var(p, clock);
    return wr_bytes(p, js, (size_t)n);
}

/* Wrap an awareness update into a message and send it. */
static void send_awareness(conn_t *c, const char *marker) {
    u8 body[512];
    size_t n = (size_t)(build_awareness(body, c->aw_client, ++c->aw_clock, marker) - body);
    u8 *p = msg_begin(c, txbuf + TXH);
    *p++ = 1;
    p = wr_bytes(p, body, n);
    send_frame(c, 2, txbuf, (size_t)(p - (txbuf + TXH)));
}

/* An update that the server has to say SyncStatus for. */
static void unsaved_push(writer_t *w, u64 due) {
    if (w->unsaved_n - w->saved_n == w->unsaved_cap) {
        u32 cap = w->unsaved_cap ? w->unsaved_cap * 2 : 16;
        u64 *ring = xalloc(sizeof *ring * cap);
        for (u32 i = w->saved_n; i != w->unsaved_n; i++) ring[i % cap] = w->unsaved[i % w->unsaved_cap];
        free(w->unsaved);
        w->unsaved = ring;
        w->unsaved_cap = cap;
    }
    w->unsaved[w->unsaved_n++ % w->unsaved_cap] = due;
}

/* SyncStatus comes once per update and in order. What comes while none is awaited (it was for
 * the Step2 of the join) is counted as extra. */
static void on_sync_status(conn_t *c, bool applied, u64 now) {
    writer_t *w = c->writer >= 0 ? &writers[c->writer] : NULL;
    if (!w || w->saved_n == w->unsaved_n) { S.ack_extra++; return; }
    u64 due = w->unsaved[w->saved_n++ % w->unsaved_cap];
    if (!applied) S.ack_refused++;
    else if (due >= win0 && due < win1) hist_add(&H_ack, now - due);
}

static u64 unsaved(void) {
    u64 sum = 0;
    for (u32 i = 0; i < n_writers; i++) sum += writers[i].unsaved_n - writers[i].saved_n;
    return sum;
}

/* The next update of a writer, stamped with the time it was due. */
static void writer_send(u32 wi, u64 stamp) {
    writer_t *w = &writers[wi];
    conn_t *c = &conns[w->conn];
    if (c->st != ST_READY) return;
    if (c->out_len - c->out_off > OUT_LIMIT) { S.skipped++; return; }
    if (n_marks >= MAX_MARKS) die("marker table full (%u updates)", n_marks);
    u32 id = n_marks++;
    marks[id] = (mark_t){stamp, wi, ++w->seq, w->last_id, 0};
    w->last_id = id;
    w->outstanding++;
    S.sent++;
    expected += docs[c->doc].conns - 1;
    if (O.op == OP_AWARENESS) {
        char m[MARK_LEN + 1];
        put_marker(m, id);
        m[MARK_LEN] = 0;
        send_awareness(c, m);
        return;
    }
    u8 body[8192];
    size_t n = (size_t)(build_update(body, w, id) - body);
    if (dump_f && c->doc == 0) {
        u32 l = (u32)n;
        fwrite(&l, 4, 1, dump_f);
        fwrite(body, 1, n, dump_f);
    }
    if (O.hocus) unsaved_push(w, stamp);
    u8 *p = msg_begin(c, txbuf + TXH);
    *p++ = 0;
    *p++ = 2;
    p = wr_bytes(p, body, n);
    send_frame(c, 2, txbuf, (size_t)(p - (txbuf + TXH)));
}

/* ---------------------------------------------------------- receiving markers */

static u8 hexv[256];

/* `m` is known to this receiver now: directly, or through a later marker. */
static inline void credit(mark_t *m) {
    m->seen++;
    if (!O.window) return;
    writer_t *w = &writers[m->writer];
    u32 need = O.ack_all ? docs[w->doc].conns - 1 : 1;
    if (m->seen == need) {
        w->outstanding--;
        ready_q[ready_n++] = m->writer;
    }
}

static const u8 *cur_update, *cur_end;     /* the update being scanned, if it is whole */

/* Does the update being scanned hold the structs [from,to) of a client?  A server that
 * merges overwritten values leaves them in as GC or deleted structs; if they are not
 * there, the receiver has a hole.  Only knows what these updates are made of. */
static bool update_covers(u32 client, u64 from, u64 to) {
    const u8 *p = cur_update, *e = cur_end;
    u64 n_clients, n, cl, clock, v, k;
    if (!p) return true;                        /* streamed: cannot tell */
    if (!rd_var(&p, e, &v) || !rd_var(&p, e, &n_clients)) return true;   /* varUint8Array length */
#define VAR(x) do { if (!rd_var(&p, e, &(x))) return true; } while (0)
#define STR_SKIP() do { VAR(v); if (v > (u64)(e - p)) return true; p += v; } while (0)
    while (n_clients--) {
        VAR(n); VAR(cl); VAR(clock);
        while (n--) {
            if (p >= e) return true;
            u8 info = *p++;
            u64 len = 1;
            bool skip = (info & 31) == 10;
            if ((info & 31) == 0 || skip) VAR(len);
            else {
                if (info & 0x80) { VAR(v); VAR(v); }
                if (info & 0x40) { VAR(v); VAR(v); }
                if (!(info & 0xc0)) {
                    VAR(k);
                    if (k) STR_SKIP(); else { VAR(v); VAR(v); }
                    if (info & 0x20) STR_SKIP();
                }
                switch (info & 31) {
                case 1: VAR(len); break;
                case 4: VAR(len); if (len > (u64)(e - p)) return true; p += len; break;
                case 8:
                    VAR(len);
                    for (k = len; k--;) { if (p >= e || *p++ != 119) return true; STR_SKIP(); }
                    break;
                default: return true;
                }
            }
            if (cl == client && !skip && clock <= from && from < clock + len) from = clock + len;
            if (from >= to) return true;
            clock += len;
        }
    }
    return false;
}

static void on_marker(conn_t *c, u32 id, u64 now) {
    if (id - 1 >= n_marks - 1) { S.unknown++; return; }
    if (c->flags & IS_VERIFY) { vseen[id] = 1; return; }
    mark_t *m = &marks[id];
    writer_t *w = &writers[m->writer];
    if (w->conn == c->id) { S.echo++; return; }
    if (w->doc != c->doc || !c->track) { S.misrouted++; return; }
    track_t *t = &c->track[w->local];
    if (m->seq > t->last) {
        u32 d = m->seq - t->last;
        if (d > 1) {                    /* skipped ones: merged away by the server, late or lost */
            S.gaps += d - 1;
            if (O.op == OP_MAP && !update_covers(w->client, t->last, m->seq - 1)) S.holes += d - 1;
            for (u32 p = m->prev; p && marks[p].seq > t->last; p = marks[p].prev) {
                if (marks[p].t >= win0 && marks[p].t < win1) hist_add(&H_eff, now - marks[p].t);
                credit(&marks[p]);
            }
        }
        t->mask = (d < 64 ? t->mask << d : 0) | 1;
        t->last = m->seq;
    } else {
        u32 d = t->last - m->seq;
        if (d >= 64 || (t->mask >> d & 1)) { S.dup++; return; }
        t->mask |= 1ull << d;
        S.gaps--;
        if (S.holes) S.holes--;
        S.reordered++;
    }
    S.delivered++;
    if (m->t >= win0 && m->t < win1) {
        u64 l = now > m->t ? now - m->t : 0;
        hist_add(&H_lat, l);
        hist_add(&H_eff, l);
    }
    credit(m);
}

static void scan(conn_t *c, const u8 *p, size_t n, u64 now) {
    if (n < MARK_LEN) return;
    const u8 *e = p + n - MARK_LEN + 1;
    while (p < e && (p = memchr(p, '@', (size_t)(e - p)))) {
        if (p[1] != '@') { p++; continue; }
        u32 id = 0, bad = 0;
        for (int i = 2; i < MARK_LEN; i++) {
            u8 v = hexv[p[i]];
            bad |= v & 16u;
            id = id << 4 | (v & 15u);
        }
        if (bad) { p++; continue; }
        on_marker(c, id, now);
        p += MARK_LEN;
    }
}

/* -------------------------------------------------------- protocol, receiving */

static void conn_synced(conn_t *c, u64 now) {
    if (c->st != ST_SYNC || !(c->flags & GOT_STEP2) || !((c->flags & GOT_STEP1) || O.oneway)) return;
    c->st = ST_READY;
    c->t_sync = now;
    n_synced++;
    if (c->flags & INFLIGHT) { c->flags &= (u8)~INFLIGHT; n_inflight--; }
    if (!(c->flags & (IS_TEMP | IS_VERIFY))) hist_add(&H_sync, now - c->t_start);
    if (O.presence > 0 && !(c->flags & (IS_TEMP | IS_VERIFY))) send_awareness(c, NULL);
}

/* Kind of a message from its head; *off is where its content begins. */
static int classify(conn_t *c, const u8 *p, size_t n, const u8 **body) {
    const u8 *e = p + n;
    u64 v, sub;
    if (O.hocus) {
        if (!rd_var(&p, e, &v) || v > (u64)(e - p)) return K_BAD;
        p += v;
    }
    if (!rd_var(&p, e, &v)) return K_BAD;
    *body = p;
    switch (v) {
    case 4:                                     /* Hocuspocus SyncReply */
        if (!O.hocus) return K_OTHER;           /* fall through */
    case 0:
        if (!rd_var(&p, e, &sub)) return K_BAD;
        *body = p;
        return sub == 0 ? K_STEP1 : sub == 1 ? K_STEP2 : sub == 2 ? K_UPDATE : K_OTHER;
    case 1: return K_AWARE;
    case 2: return K_AUTH;
    case 8: return O.hocus ? K_SAVED : K_OTHER;
    case 7:
        if (O.hocus) conn_down(c, "server sent CLOSE");
        return K_OTHER;
    default: return K_OTHER;
    }
}

static void got_step2(conn_t *c, u64 len, u64 now) {
    if (c->flags & GOT_STEP2) return;
    c->flags |= GOT_STEP2;
    c->step2_len = len;
    c->t_step2 = now;
    S.step2_bytes += len;
    conn_synced(c, now);
}

static void on_message(conn_t *c, const u8 *p, size_t n, u64 now) {
    const u8 *body = p, *e = p + n;
    u64 v;
    int kind = classify(c, p, n, &body);
    S.frames++;
    switch (kind) {
    case K_UPDATE:
        S.updates++;
        cur_update = body;
        cur_end = e;
        scan(c, body, (size_t)(e - body), now);
        cur_update = NULL;
        break;
    case K_AWARE:
        S.aware++;
        scan(c, body, (size_t)(e - body), now);
        break;
    case K_STEP2:
        if ((c->flags & IS_VERIFY) && c->doc == 0 && O.dump_state && rd_var(&body, e, &v)) {
            FILE *f = fopen(O.dump_state, "wb");
            if (f) { fwrite(body, 1, (size_t)(e - body), f); fclose(f); }
        }
        scan(c, body, (size_t)(e - body), now);
        got_step2(c, n, now);
        break;
    case K_SAVED:
        S.other++;
        if (rd_var(&body, e, &v)) on_sync_status(c, v == 1, now);
        break;
    case K_STEP1:
        S.other++;
        send_empty_step2(c);
        c->flags |= GOT_STEP1;
        conn_synced(c, now);
        break;
    case K_AUTH:
        S.other++;
        if (!rd_var(&body, e, &v)) break;
        if (O.hocus && v == 2) {                /* Authenticated */
            if (c->st == ST_AUTH) { c->st = ST_SYNC; send_step1(c); }
        } else if (!O.hocus || v == 1) {        /* PermissionDenied */
            char why[160];
            u64 l = 0;
            if (!rd_var(&body, e, &l) || l > (u64)(e - body)) l = 0;
            snprintf(why, sizeof why, "permission denied: %.*s", (int)(l > 100 ? 100 : l), (const char *)body);
            c->fails = 1000;                    /* no retry */
            conn_down(c, why);
        }
        break;
    case K_BAD:
        conn_down(c, "malformed message");
        break;
    default:
        S.other++;
    }
}

static void on_control(conn_t *c, u8 op, const u8 *p, size_t n) {
    if (op == 9) {                              /* ping -> pong */
        S.pings++;
        memcpy(txbuf + TXH, p, n);
        send_frame(c, 10, txbuf, n);
    } else if (op == 8) {
        char why[192];
        int code = n >= 2 ? p[0] << 8 | p[1] : 1005;
        snprintf(why, sizeof why, "server closed: %d %.*s", code, (int)(n > 2 ? n - 2 : 0), n > 2 ? (const char *)p + 2 : "");
        memcpy(txbuf + TXH, p, n < 2 ? 0 : 2);
        send_frame(c, 8, txbuf, n < 2 ? 0 : 2);
        conn_down(c, why);
    }
}

static void fragments_done(conn_t *c, u64 now) {
    u8 *m = c->msg;
    c->msg = NULL;
    if (c->frag_op == 2) on_message(c, m, c->msg_len, now);
    free(m);
    c->msg_len = 0;
}

/* Handle the complete frames in [p,e); returns the first unused byte.
 * What is left over (a partial frame) is kept by the caller. */
static const u8 *parse_frames(conn_t *c, const u8 *p, const u8 *e, u64 now) {
    while (p < e && c->fd >= 0) {
        if (c->big_left && c->big_kind == K_FRAGMENT) {
            size_t n = (size_t)(e - p);
            if (n > c->big_left) n = c->big_left;
            memcpy(c->msg + c->msg_len, p, n);
            c->msg_len += n;
            c->big_left -= n;
            p += n;
            if (!c->big_left && c->frag_fin) fragments_done(c, now);
            continue;
        }
        if (c->big_left) {
            /* Inside a large frame. The first c->carry bytes at p were scanned
             * already, they are there for markers that span two reads. */
            size_t fresh = (size_t)(e - p) - c->carry;
            if (fresh > c->big_left) fresh = c->big_left;
            size_t n = c->carry + fresh;
            if (!fresh) return p;
            scan(c, p, n, now);
            c->big_left -= fresh;
            if (c->big_left) {
                c->carry = (u8)(n < MARK_LEN - 1 ? n : MARK_LEN - 1);
                return p + n - c->carry;
            }
            p += n;
            c->carry = 0;
            S.frames++;
            if (c->big_kind == K_STEP2) got_step2(c, c->big_len, now);
            else if (c->big_kind == K_UPDATE) S.updates++;
            else if (c->big_kind == K_AWARE) S.aware++;
            else S.other++;
            continue;
        }
        size_t have = (size_t)(e - p), hl = 2;
        if (have < 2) break;
        u8 op = p[0] & 15;
        bool fin = p[0] & 128;
        u64 len = p[1] & 127;
        if (p[1] & 128 || p[0] & 0x70) { conn_down(c, "bad frame header"); break; }
        if (len == 126) {
            if (have < 4) break;
            len = (u64)p[2] << 8 | p[3];
            hl = 4;
        } else if (len == 127) {
            if (have < 10) break;
            len = 0;
            for (int i = 0; i < 8; i++) len = len << 8 | p[2 + i];
            hl = 10;
        }
        if (op < 8 && (!fin || op == 0)) {
            /* part of a fragmented message (rare): collect in c->msg */
            if (op != 0) { c->frag_op = op; c->msg_len = 0; }
            c->frag_fin = fin;
            c->msg = realloc(c->msg, c->msg_len + len + 1);
            if (!c->msg) die("out of memory");
            c->big_kind = K_FRAGMENT;
            c->big_left = len;
            c->carry = 0;
            p += hl;
            if (len == 0 && fin) fragments_done(c, now);
            continue;
        }
        if (have - hl >= len) {
            const u8 *pl = p + hl;
            p += hl + len;
            if (fin && op == 2) { on_message(c, pl, len, now); continue; }
            if (op >= 8) { on_control(c, op, pl, len); continue; }
            if (op == 1) { S.frames++; S.other++; continue; }   /* text: not ours */
            conn_down(c, "unknown opcode");
            break;
        }
        if (len <= SMALL_MAX) break;                            /* wait for the rest */
        if (op != 2) { conn_down(c, "unexpected large frame"); break; }
        if (have - hl < 1024) break;                            /* enough to classify */
        const u8 *body = p + hl;
        c->big_kind = (u8)classify(c, p + hl, have - hl, &body);
        if (c->big_kind == K_BAD) { conn_down(c, "malformed message"); break; }
        c->big_len = c->big_left = len;
        c->carry = 0;
        p += hl;
    }
    return p;
}

/* ----------------------------------------------------- connecting and reading */

static void expand(char *out, size_t cap, const char *tpl, conn_t *c) {
    size_t n = 0;
    while (*tpl && n + 1 < cap) {
        const char *rep = NULL;
        char num[16];
        size_t skip = 0;
        if (!strncmp(tpl, "{doc}", 5)) rep = docs[c->doc].name, skip = 5;
        else if (!strncmp(tpl, "{token}", 7)) rep = docs[c->doc].token ? docs[c->doc].token : O.token, skip = 7;
        else if (!strncmp(tpl, "{i}", 3)) { snprintf(num, sizeof num, "%u", c->id); rep = num; skip = 3; }
        if (rep) {
            n += (size_t)snprintf(out + n, cap - n, "%s", rep);
            if (n >= cap) n = cap - 1;
            tpl += skip;
        } else out[n++] = *tpl++;
    }
    out[n] = 0;
}

static void send_http(conn_t *c) {
    char req[8192], path[2048], tmp[2048], key[25];
    expand(path, sizeof path, O.path, c);
    size_t n = strlen(path);
    char sep = strchr(path, '?') ? '&' : '?';
    for (int i = 0; i < O.n_queries; i++) {
        expand(tmp, sizeof tmp, O.queries[i], c);
        n += (size_t)snprintf(path + n, sizeof path - n, "%c%s", sep, tmp);
        if (n >= sizeof path) die("URL too long");
        sep = '&';
    }
    c->nonce = rnd();
    ws_key(c->nonce, key);
    int l = snprintf(req, sizeof req,
                     "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n", path, O.hostname, O.port, key);
    if (O.subprotocol) l += snprintf(req + l, sizeof req - (size_t)l, "Sec-WebSocket-Protocol: %s\r\n", O.subprotocol);
    for (int i = 0; i < O.n_headers; i++) {
        expand(tmp, sizeof tmp, O.headers[i], c);
        l += snprintf(req + l, sizeof req - (size_t)l, "%s\r\n", tmp);
        if (l >= (int)sizeof req - 3) die("headers too long");
    }
    l += snprintf(req + l, sizeof req - (size_t)l, "\r\n");
    c->st = ST_HTTP;
    send_raw(c, (u8 *)req, (size_t)l);
}

static void conn_free(conn_t *c) {
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    free(c->in); free(c->out); free(c->msg);
    c->in = c->out = c->msg = NULL;
    c->in_len = c->in_cap = c->out_off = c->out_len = c->out_cap = 0;
    c->msg_len = 0;
    c->big_left = 0;
    c->carry = c->want_out = 0;
    if (c->flags & INFLIGHT) n_inflight--;
    c->flags &= IS_VERIFY | IS_TEMP;
}

/* The connection failed or was closed by the server. */
static void conn_down(conn_t *c, const char *why) {
    if (c->fd < 0) return;
    u8 st = c->st;
    snprintf(last_error, sizeof last_error, "%s", why);
    conn_free(c);
    if (st == ST_READY) {
        n_synced--;
        c->st = ST_CLOSED;
        S.disconnects++;
        note("connection %u lost: %s", c->id, why);
    } else {
        c->st = ST_RETRY;
        n_failed++;
        c->fails++;
        c->t_retry = now_ns() + (u64)(c->fails < 10 ? c->fails : 10) * 50000000ull;
    }
}

static void conn_start(conn_t *c) {
    u64 now = now_ns();
    if (!c->t_start) c->t_start = now;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket: %s", strerror(errno));
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in a = {.sin_family = AF_INET};
    if (O.src_addrs > 1) {                      /* spread over 127.0.0.1 .. 127.0.0.N */
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        a.sin_addr.s_addr = htonl(0x7f000001u + c->id % (u32)O.src_addrs);
        if (bind(fd, (struct sockaddr *)&a, sizeof a)) die("bind: %s", strerror(errno));
    }
    a.sin_port = htons((u16)O.port);
    a.sin_addr = O.host;
    c->fd = fd;
    c->flags = (c->flags & (IS_VERIFY | IS_TEMP)) | INFLIGHT;
    c->st = ST_CONNECT;
    n_inflight++;
    int r = connect(fd, (struct sockaddr *)&a, sizeof a), err = errno;
    struct epoll_event ev = {.events = EPOLLIN | (r ? EPOLLOUT : 0), .data.ptr = c};
    c->want_out = r != 0;
    if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev)) die("epoll_ctl: %s", strerror(errno));
    if (r == 0) send_http(c);
    else if (err != EINPROGRESS) conn_down(c, strerror(err));
}

/* Parse the 101 response at the start of rbuf; returns its length, 0 = wait, -1 = failed. */
static long parse_http(conn_t *c, const u8 *p, size_t n, u64 now) {
    const char *end = memmem(p, n, "\r\n\r\n", 4);
    if (!end) {
        if (n > 16384) { conn_down(c, "HTTP response too long"); return -1; }
        return 0;
    }
    char key[25], want[29], *h = strndup((const char *)p, (size_t)(end - (const char *)p) + 2);
    int code = 0;
    sscanf(h, "HTTP/%*s %d", &code);
    if (code != 101) {
        char why[64];
        snprintf(why, sizeof why, "HTTP %d", code);
        if (code >= 400 && code < 500 && code != 429) c->fails = 1000;
        free(h);
        conn_down(c, why);
        return -1;
    }
    ws_key(c->nonce, key);
    ws_accept(key, want);
    char *a = strcasestr(h, "\nsec-websocket-accept:");
    bool ok = false;
    if (a) {
        a += 22;
        while (*a == ' ') a++;
        ok = !strncmp(a, want, 28);
    }
    if (strcasestr(h, "\nsec-websocket-extensions:")) ok = false;   /* none was offered */
    free(h);
    if (!ok) { conn_down(c, "bad WebSocket handshake response"); return -1; }
    c->t_http = now;
    if (!(c->flags & (IS_TEMP | IS_VERIFY))) hist_add(&H_http, now - c->t_start);
    if (O.hocus) { c->st = ST_AUTH; send_auth(c); }
    else { c->st = ST_SYNC; send_step1(c); }
    return (long)(end + 4 - (const char *)p);
}

static void on_readable(conn_t *c) {
    size_t have = c->in_len;
    if (have) { memcpy(rbuf, c->in, have); c->in_len = 0; }
    ssize_t r = recv(c->fd, rbuf + have, READ_CHUNK, 0);
    if (r <= 0) {
        if (r < 0 && (errno == EAGAIN || errno == EINTR)) { c->in_len = (u32)have; return; }
        conn_down(c, r ? strerror(errno) : "connection closed by server");
        return;
    }
    u64 now = now_ns();
    S.reads++;
    S.bytes_in += (u64)r;
    const u8 *p = rbuf, *e = rbuf + have + r;
    if (c->st == ST_HTTP) {
        long n = parse_http(c, p, (size_t)(e - p), now);
        if (n < 0) return;
        p += n;
    }
    if (c->st != ST_HTTP) p = parse_frames(c, p, e, now);
    if (c->fd < 0) return;
    size_t left = (size_t)(e - p);
    if (left) {
        if (left > c->in_cap) {
            free(c->in);
            c->in_cap = (u32)(left < 256 ? 256 : left);
            c->in = malloc(c->in_cap);
            if (!c->in) die("out of memory");
        }
        memcpy(c->in, p, left);
        c->in_len = (u32)left;
    } else if (c->in_cap > 4096) {
        free(c->in);
        c->in = NULL;
        c->in_cap = 0;
    }
}

static void on_writable(conn_t *c) {
    if (c->st == ST_CONNECT) {
        int err = 0;
        socklen_t l = sizeof err;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &l);
        if (err) { conn_down(c, strerror(err)); return; }
        set_events(c, false);
        send_http(c);
        return;
    }
    flush_out(c);
}

/* One round of epoll; timeout in ns. */
static void poll_once(int64_t timeout) {
    static struct epoll_event ev[1024];
    if (timeout < 0) timeout = 0;
    if (O.spin) timeout = 0;
    struct timespec ts = {timeout / (int64_t)NS, timeout % (int64_t)NS};
    int n = epoll_pwait2(ep, ev, 1024, &ts, NULL);
    S.polls++;
    for (int i = 0; i < n; i++) {
        conn_t *c = ev[i].data.ptr;
        if (c->fd >= 0 && (ev[i].events & EPOLLOUT)) on_writable(c);
        if (c->fd >= 0 && (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && c->st != ST_CONNECT) on_readable(c);
        else if (c->fd >= 0 && (ev[i].events & (EPOLLERR | EPOLLHUP)) && c->st == ST_CONNECT) on_writable(c);
    }
    if (O.batch_us > 0 && n > 0 && n < 256) {   /* let frames gather: fewer wake-ups, more latency */
        struct timespec z = {0, O.batch_us * 1000l};
        nanosleep(&z, NULL);
    }
}

static void run_for(double s) {
    u64 end = now_ns() + (u64)(s * 1e9), t;
    while ((t = now_ns()) < end) poll_once((int64_t)(end - t));
}

static u64 presence_next;
static u32 presence_i;
/* Renew awareness states, spread evenly over the period. */
static void presence_tick(u64 now) {
    if (O.presence <= 0) return;
    u64 step = (u64)(O.presence * 1e9 / O.conns);
    if (!presence_next) presence_next = now + step;
    while (presence_next <= now) {
        conn_t *c = &conns[presence_i++ % (u32)O.conns];
        if (c->st == ST_READY) send_awareness(c, NULL);
        presence_next += step;
    }
}

/* Bring conns[list[..]] up, at most `parallel` handshakes at once, until all are synced. */
static void connect_many(const u32 *list, u32 n, u32 parallel) {
    u64 end = now_ns() + (u64)(O.timeout * 1e9), now;
    u32 next = 0, first = 0;
    u64 next_scan = 0, lost0 = S.disconnects;
    n_failed = 0;
    for (;;) {
        for (int k = 0; next < n && n_inflight < parallel && k < 64; k++) conn_start(&conns[list[next++]]);
        poll_once(next < n && n_inflight < parallel ? 0 : n_failed ? 1000000 : 20000000);
        now = now_ns();
        while (first < next && conns[list[first]].st == ST_READY) first++;
        if (first == n) return;
        if (S.disconnects > lost0) die("a connection was lost while others connected: %s", last_error);
        if (n_failed && now >= next_scan) {
            next_scan = now + 10000000;
            for (u32 i = first; i < next; i++) {
                conn_t *c = &conns[list[i]];
                if (c->st != ST_RETRY) continue;
                if (c->fails > 40) die("cannot connect: %s", last_error);
                if (c->t_retry <= now && n_inflight < parallel) { S.retries++; n_failed--; conn_start(c); }
            }
        }
        if (now > end) {
            u32 ok = 0;
            for (u32 i = 0; i < n; i++) ok += conns[list[i]].st == ST_READY;
            die("time out: %u of %u connections synced (%s)", ok, n, last_error[0] ? last_error : "no error");
        }
    }
}

/* Drop a connection without ceremony: RST, or FIN without a Close frame. */
static void conn_drop(conn_t *c, bool rst) {
    if (c->fd < 0) return;
    if (rst) {
        struct linger lg = {1, 0};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &lg, sizeof lg);
    }
    if (c->st == ST_READY) n_synced--;
    conn_free(c);
    c->st = ST_NONE;
    c->fails = 0;
    c->t_start = 0;
    c->step2_len = 0;
}

/* WebSocket Close on all connections, then wait shortly for the server to follow. */
static void close_all(void) {
    u64 end = now_ns() + 2 * NS;
    u64 saved = S.disconnects;
    u32 left = 0;
    for (int i = 0; i < O.conns; i++)
        if (conns[i].st == ST_READY) {
            txbuf[TXH] = 1000 >> 8;
            txbuf[TXH + 1] = 1000 & 255;
            send_frame(&conns[i], 8, txbuf, 2);
            left++;
        }
    bool v = O.verbose;
    O.verbose = false;
    while (n_synced && now_ns() < end && left) poll_once(20000000);
    O.verbose = v;
    S.disconnects = saved;
    for (int i = 0; i < O.conns; i++) conn_drop(&conns[i], true);
}

/* ------------------------------------------------------------------ JSON out */

static FILE *J;
static bool jfirst = true;
static void jkey(const char *k) {
    fprintf(J, "%s\"%s\": ", jfirst ? "" : ", ", k);
    jfirst = false;
}
static void jnum(const char *k, double v) {
    jkey(k);
    if (!isfinite(v)) fprintf(J, "null");
    else if (fabs(v - round(v)) < 1e-9 && fabs(v) < 1e15) fprintf(J, "%.0f", v);
    else fprintf(J, "%.6g", v);
}
static void jstr(const char *k, const char *v) {
    jkey(k);
    fputc('"', J);
    for (; *v; v++) {
        if (*v == '"' || *v == '\\') fputc('\\', J);
        fputc((u8)*v < 32 ? ' ' : *v, J);
    }
    fputc('"', J);
}
static void jbool(const char *k, bool v) { jkey(k); fputs(v ? "true" : "false", J); }
static void jopen(const char *k) { jkey(k); fputc('{', J); jfirst = true; }
static void jclose(void) { fputc('}', J); jfirst = false; }
static void jhist(const char *k, const hist *h) {
    jopen(k);
    jnum("n", (double)h->n);
    jnum("mean", h->n ? (double)h->sum / (double)h->n / 1e6 : 0);
    jnum("p50", hist_ms(h, .5));
    jnum("p90", hist_ms(h, .9));
    jnum("p95", hist_ms(h, .95));
    jnum("p99", hist_ms(h, .99));
    jnum("p99_9", hist_ms(h, .999));
    jnum("max", (double)h->max / 1e6);
    jclose();
}
static void json_noise(const noise_t *a, const noise_t *b) {
    double secs = (double)(b->t - a->t) / 1e9;
    double stores = b->stores - a->stores;
    double other = (b->busy - a->busy) - (b->server - a->server) - stores - (b->self - a->self);
    if (n_tree) jnum("other_cpu_pct", 100 * fmax(0, other) / secs);
    if (n_side) {
        jnum("stores_cpu_s", stores);
        jnum("stores_cpu_pct", 100 * fmax(0, stores) / secs);
    }
    jnum("steal_pct", 100 * fmax(0, b->steal - a->steal) / secs);
    jnum("listen_overflows", (double)(b->overflows - a->overflows));
}
static noise_t noise0;
static void json_begin(void) {
    J = O.out ? fopen(O.out, "w") : stdout;
    if (!J) die("cannot write %s", O.out);
    fputc('{', J);
    json_open = J == stdout;
    jbool("ok", true);
    jstr("scenario", O.scenario);
    if (O.label) jstr("label", O.label);
    jstr("proto", O.hocus ? "hocuspocus" : "yws");
    jnum("docs", O.docs);
    jnum("conns", O.conns);
}
static void json_end(void) {
    if (noise0.t) { noise_t n = noise(); json_noise(&noise0, &n); }
    jnum("disconnects", (double)S.disconnects);
    jnum("conn_retries", (double)S.retries);
    if (last_error[0]) jstr("last_error", last_error);
    fputs("}\n", J);
    fflush(J);
}

/* ------------------------------------------------------------------ scenarios */

static u32 *list_of(int from, int to, u32 *n) {
    u32 *l = xalloc(sizeof *l * (size_t)(to - from + 1));
    *n = 0;
    for (int i = from; i < to; i++) l[(*n)++] = (u32)i;
    return l;
}

/* A short-lived extra connection to `doc`, in slot O.conns (+k). */
static conn_t *temp_conn(u32 k, u32 doc, u8 flag) {
    conn_t *c = &conns[(u32)O.conns + k];
    memset(c, 0, sizeof *c);
    c->fd = -1;
    c->id = (u32)O.conns + k;
    c->doc = doc;
    c->writer = -1;
    c->flags = flag;
    c->aw_client = (u32)rnd();
    return c;
}

/* Send the update file to every document through its first client, and wait
 * until a fresh client is given (most of) it back. */
static void preload_docs(void) {
    if (!preload_len) return;
    for (int d = 0; d < O.docs; d++) send_update_bytes(&conns[d], preload, preload_len);
    u64 end = now_ns() + (u64)(O.timeout * 1e9);
    for (int d = 0; d < O.docs; d++)
        for (;;) {
            conn_t *c = temp_conn(0, (u32)d, IS_TEMP);
            u32 id = c->id;
            connect_many(&id, 1, n_inflight + 1);
            u64 got = c->step2_len;
            conn_drop(c, false);
            if ((double)got >= O.min_frac * (double)preload_len) break;
            if (now_ns() > end) die("preload: server holds %lu of %zu bytes", (unsigned long)got, preload_len);
            run_for(0.02);
        }
    note("preloaded %d documents with %zu bytes", O.docs, preload_len);
}

static struct { double first_s, rest_s, total_s; long rss0, rss1, rss2; cpu_t cpu0, cpu1; double self; } B;

/* Connect everybody: one client per document first, then the rest. */
static void bring_up(void) {
    find_tree();
    noise0 = noise();
    B.rss0 = server_rss_kb();
    B.cpu0 = server_cpu();
    B.self = self_cpu();
    u32 n;
    u64 t0 = now_ns();
    u32 *l = list_of(0, O.docs, &n);
    connect_many(l, n, (u32)O.parallel);
    free(l);
    B.first_s = (double)(now_ns() - t0) / 1e9;
    B.rss1 = server_rss_kb();
    preload_docs();
    if (preload_len || O.conns > O.docs) B.rss1 = server_rss_kb();
    t0 = now_ns();
    l = list_of(O.docs, O.conns, &n);
    if (n) connect_many(l, n, (u32)O.parallel);
    free(l);
    B.rest_s = (double)(now_ns() - t0) / 1e9;
    B.total_s = B.first_s + B.rest_s;
    B.rss2 = server_rss_kb();
    B.cpu1 = server_cpu();
    B.self = self_cpu() - B.self;
    note("%d connections synced in %.2f s", O.conns, B.total_s);
}

static void json_bring_up(void) {
    jopen("connect");
    jnum("s", B.total_s);
    jnum("per_s", O.conns / B.total_s);
    jhist("handshake_ms", &H_http);
    jhist("synced_ms", &H_sync);
    jnum("loadgen_cpu_s", B.self);
    if (n_tree) jnum("server_cpu_s", B.cpu1.user + B.cpu1.sys - B.cpu0.user - B.cpu0.sys);
    jclose();
}

/* After the run: does a fresh client receive what was written? */
static void final_check(void) {
    u64 missing = 0, checked = 0;
    vseen = xalloc(n_marks);
    for (int d = 0; d < O.docs; d++) {
        conn_t *c = temp_conn(0, (u32)d, IS_VERIFY);
        u32 id = c->id;
        connect_many(&id, 1, n_inflight + 1);
        conn_drop(c, false);
    }
    if (O.op == OP_MAP) {               /* only the last value of each key remains */
        for (u32 i = 0; i < n_writers; i++)
            if (writers[i].last_id) { checked++; missing += !vseen[writers[i].last_id]; }
    } else
        for (u32 i = 1; i < n_marks; i++) { checked++; missing += !vseen[i]; }
    free(vseen);
    jopen("final_check");
    jnum("markers", (double)checked);
    jnum("missing", (double)missing);
    jclose();
}

static void sc_fanout(void) {
    bring_up();
    run_for(O.settle);

    u32 nw = n_writers;
    double per_s = O.rate * nw, interval = per_s > 0 ? 1e9 / per_s : 0;
    find_tree();
    u64 t0 = now_ns(), now = t0;
    win0 = t0 + (u64)(O.warmup * 1e9);
    win1 = win0 + (u64)(O.duration * 1e9);
    __typeof__(S) a = S, b;
    cpu_t ca = {0, 0}, cb;
    noise_t na = {0}, nb;
    double sa = 0, sb, next_f = (double)t0;
    u64 k = 0, ta = 0, tb;
    bool in_win = false;

    if (O.window)
        for (u32 i = 0; i < nw; i++)
            for (int j = 0; j < O.window; j++) ready_q[ready_n++] = i;
    for (;;) {
        now = now_ns();
        if (!in_win && now >= win0) {
            in_win = true;
            na = noise();
            ca = server_cpu();
            sa = self_cpu();
            a = S;
            ta = now = now_ns();
        }
        if (now >= win1) break;
        int64_t wait = (int64_t)(win1 - now);
        if (!in_win && (int64_t)(win0 - now) < wait) wait = (int64_t)(win0 - now);
        if (O.window) {
            u32 n = ready_n;            /* credit() may append while we send: it cannot, sends do not read */
            for (u32 i = 0; i < n; i++) {
                if (writers[ready_q[i]].outstanding < O.window) writer_send(ready_q[i], now_ns());
            }
            ready_n = 0;
        } else if (per_s > 0) {
            for (int burst = 0; next_f <= (double)now && burst < 256; burst++) {
                u32 wi = O.poisson ? (u32)(rnd() % nw) : (u32)(k % nw);
                hist_add(&H_lag, now - (u64)next_f);
                writer_send(wi, (u64)next_f);
                k++;
                if (O.poisson) next_f += -log(1.0 - (double)(rnd() >> 11) / 9007199254740992.0) * interval;
                else next_f = (double)t0 + (double)k * interval;
                if ((burst & 15) == 15) now = now_ns();
            }
            int64_t w = (int64_t)(next_f - (double)now);
            if (w < wait) wait = w;
        }
        presence_tick(now);
        poll_once(wait);
    }
    tb = now_ns();
    b = S;
    cb = server_cpu();
    sb = self_cpu();
    nb = noise();
    noise0.t = 0;                       /* report the window, not the whole run */
    double secs = (double)(tb - ta) / 1e9;
    win1 = tb;

    /* Drain: until every receiver has the last marker of every writer, nothing has
     * come for --drain-idle seconds (what is missing then is lost), or --drain have passed. */
    u64 d0 = now_ns(), dend = d0 + (u64)(O.drain * 1e9), got = S.delivered + H_ack.n, t_got = d0, t = d0;
    ready_n = 0;
    while ((S.delivered + S.gaps < expected || unsaved()) && t < dend && t - t_got < (u64)(O.drain_idle * 1e9)) {
        poll_once(5000000);
        ready_n = 0;
        t = now_ns();
        if (S.delivered + H_ack.n != got) { got = S.delivered + H_ack.n; t_got = t; }
    }
    bool backlog = S.delivered + S.gaps < expected && t >= dend;
    double drain_s = (double)(now_ns() - d0) / 1e9;
    if (S.gaps || S.reordered) { double x = drain_s; run_for(0.3); drain_s = x; }
    ready_n = 0;
    long rss3 = server_rss_kb();

    bool coalesce = O.op == OP_MAP || O.op == OP_AWARENESS;
    u64 missing = expected - S.delivered;
    json_begin();
    jstr("op", op_names[O.op]);
    jnum("clients_per_doc", O.clients);
    jnum("writers_per_doc", O.writers);
    jstr("mode", O.window ? "closed" : "open");
    if (O.window) { jnum("window", O.window); jstr("ack", O.ack_all ? "all" : "one"); }
    else jnum("rate", O.rate);
    jnum("duration_s", secs);
    if (!O.window) jnum("offered_per_s", per_s);
    jnum("sent_per_s", (double)(b.sent - a.sent) / secs);
    jnum("delivered_per_s", (double)(b.delivered - a.delivered) / secs);
    /* deliveries plus those made unnecessary by a later value of the same writer */
    if (coalesce) jnum("current_per_s", (double)(b.delivered + b.gaps - a.delivered - a.gaps) / secs);
    jnum("frames_in_per_s", (double)(b.frames - a.frames) / secs);
    jnum("bytes_in_per_s", (double)(b.bytes_in - a.bytes_in) / secs);
    jnum("bytes_out_per_s", (double)(b.bytes_out - a.bytes_out) / secs);
    jnum("reads_per_s", (double)(b.reads - a.reads) / secs);
    jnum("markers_per_frame", b.frames > a.frames ? (double)(b.delivered + b.echo - a.delivered - a.echo) / (double)(b.frames - a.frames) : 0);
    jhist("latency_ms", &H_lat);
    /* until the receiver had this value or a later one of the same writer */
    jhist("latency_current_ms", coalesce ? &H_eff : &H_lat);
    if (O.hocus && !(O.op == OP_AWARENESS)) {   /* from the time an update was due to its SyncStatus */
        jhist("ack_ms", &H_ack);
        jnum("ack_missing", (double)unsaved());
        jnum("ack_refused", (double)S.ack_refused);
        jnum("ack_extra", (double)S.ack_extra);
    }
    if (!O.window) {
        jopen("send_lag_ms");
        jnum("p50", hist_ms(&H_lag, .5));
        jnum("p99", hist_ms(&H_lag, .99));
        jnum("max", (double)H_lag.max / 1e6);
        jclose();
    }
    jnum("sent", (double)S.sent);
    jnum("expected", (double)expected);
    jnum("delivered", (double)S.delivered);
    jnum("superseded", coalesce ? (double)(S.gaps - S.holes) : 0);
    /* tail: newer than all that came; a gap is a loss in a text or array stream,
     * and in a map stream unless the skipped structs came along as deleted ones */
    u64 tail = missing - S.gaps, gaps = coalesce ? S.holes : S.gaps;
    jnum("lost", (double)(gaps + (backlog ? 0 : tail)));
    jnum("backlog", backlog ? (double)tail : 0);        /* still arriving when the drain ended */
    jnum("duplicates", (double)S.dup);
    jnum("reordered", (double)S.reordered);
    jnum("echoes", (double)S.echo);
    jnum("misrouted", (double)S.misrouted);
    jnum("unknown_markers", (double)S.unknown);
    jnum("skipped_sends", (double)S.skipped);
    jnum("drain_s", drain_s);
    json_bring_up();
    json_noise(&na, &nb);
    jnum("loadgen_cpu_s", sb - sa);
    jnum("loadgen_cpu_pct", 100 * (sb - sa) / secs);
    if (n_tree) {
        double u = cb.user - ca.user, s = cb.sys - ca.sys;
        jnum("server_cpu_s", u + s);
        jnum("server_cpu_pct", 100 * (u + s) / secs);
        jnum("server_user_s", u);
        jnum("server_sys_s", s);
        jnum("server_us_per_delivery", b.delivered > a.delivered ? 1e6 * (u + s) / (double)(b.delivered - a.delivered) : 0);
        u64 current = b.delivered + b.gaps - a.delivered - a.gaps;
        jnum("server_us_per_current", current ? 1e6 * (u + s) / (double)current : 0);
        jopen("server_rss_kb");
        jnum("before", (double)B.rss0);
        jnum("synced", (double)B.rss2);
        jnum("after", (double)rss3);
        jclose();
    }
    if (O.verify && O.op != OP_AWARENESS) final_check();
    json_end();
    close_all();
}

static void sc_idle(void) {
    bring_up();
    long rss = B.rss2;
    cpu_t c0 = server_cpu();
    double hold = O.hold;
    u64 end = now_ns() + (u64)(hold * 1e9), t;
    while ((t = now_ns()) < end) {
        presence_tick(t);
        poll_once((int64_t)(end - t) < 20000000 ? (int64_t)(end - t) : 20000000);
    }
    cpu_t c1 = server_cpu();
    long rss_held = server_rss_kb();
    json_begin();
    json_bring_up();
    jnum("connect_per_s", O.conns / B.total_s);
    jnum("hold_s", hold);
    jnum("pings", (double)S.pings);
    if (n_tree) {
        int rest = O.conns - O.docs;
        double per_conn = rest > 0 ? (double)(rss - B.rss1) / rest : NAN;
        jopen("server_rss_kb");
        jnum("before", (double)B.rss0);
        jnum("one_per_doc", (double)B.rss1);
        jnum("synced", (double)rss);
        jnum("held", (double)rss_held);
        jclose();
        jnum("kb_per_conn_overall", (double)(rss - B.rss0) / O.conns);
        jnum("kb_per_conn", per_conn);
        jnum("kb_per_doc", (double)(B.rss1 - B.rss0) / O.docs - (rest > 0 ? per_conn : 0));
        jnum("hold_server_cpu_pct", hold > 0 ? 100 * fmax(0, c1.user + c1.sys - c0.user - c0.sys) / hold : 0);
        jnum("server_cpu_ms_per_conn", 1e3 * (B.cpu1.user + B.cpu1.sys - B.cpu0.user - B.cpu0.sys) / O.conns);
    }
    json_end();
    if (O.polite) close_all();
}

/* One batch of joins: slots O.conns.. are used; `par` at once. */
static void join_batch(const char *name, u32 n, u32 par, bool stay) {
    memset(&H_join, 0, sizeof H_join);
    u64 min_len = ~0ull, max_len = 0, bytes0 = S.bytes_in;
    cpu_t c0 = server_cpu();
    double s0 = self_cpu();
    u64 t0 = now_ns();
    if (stay) {
        u32 *l = xalloc(sizeof *l * n);
        for (u32 i = 0; i < n; i++) l[i] = temp_conn(i, i % (u32)O.docs, IS_TEMP)->id;
        connect_many(l, n, par);
        for (u32 i = 0; i < n; i++) {
            conn_t *c = &conns[l[i]];
            hist_add(&H_join, c->t_step2 - c->t_start);
            if (c->step2_len < min_len) min_len = c->step2_len;
            if (c->step2_len > max_len) max_len = c->step2_len;
        }
        free(l);
    } else
        for (u32 i = 0; i < n; i++) {
            conn_t *c = temp_conn(0, i % (u32)O.docs, IS_TEMP);
            u32 id = c->id;
            connect_many(&id, 1, 1);
            hist_add(&H_join, c->t_step2 - c->t_start);
            if (c->step2_len < min_len) min_len = c->step2_len;
            if (c->step2_len > max_len) max_len = c->step2_len;
            conn_drop(c, false);
        }
    double secs = (double)(now_ns() - t0) / 1e9;
    cpu_t c1 = server_cpu();
    jopen(name);
    jnum("joins", n);
    jnum("s", secs);
    jnum("joins_per_s", n / secs);
    jhist("join_ms", &H_join);
    jnum("step2_bytes_min", (double)min_len);
    jnum("step2_bytes_max", (double)max_len);
    jnum("mb_in_per_s", (double)(S.bytes_in - bytes0) / secs / 1e6);
    jnum("loadgen_cpu_s", self_cpu() - s0);
    if (n_tree) jnum("server_cpu_ms_per_join", 1e3 * (c1.user + c1.sys - c0.user - c0.sys) / n);
    jclose();
    if (stay)
        for (u32 i = 0; i < n; i++) conn_drop(&conns[(u32)O.conns + i], false);
    run_for(0.2);
}

static void sc_join(void) {
    bring_up();                         /* one client per document holds it open */
    run_for(O.settle);
    json_begin();
    jnum("preload_bytes", (double)preload_len);
    long r0 = server_rss_kb();
    if (O.joins > 0) join_batch("seq", (u32)O.joins, 1, false);
    if (O.concurrency > 0) join_batch("conc", (u32)O.concurrency, (u32)O.concurrency, true);
    if (n_tree) {
        jopen("server_rss_kb");
        jnum("before", (double)B.rss0);
        jnum("synced", (double)r0);
        jnum("after", (double)server_rss_kb());
        jclose();
    }
    json_end();
    close_all();
}

static void sc_storm(void) {
    bring_up();
    run_for(O.settle);
    json_begin();
    json_bring_up();
    double sum = 0, worst = 0, cpu_sum = 0, self0 = self_cpu();
    hist all;
    memset(&all, 0, sizeof all);
    u32 dropped = 0;
    jkey("rounds");
    fputc('[', J);
    for (int r = 0; r < O.rounds; r++) {
        u32 n = 0, *l = xalloc(sizeof *l * (size_t)O.conns);
        cpu_t c0 = server_cpu();
        u64 t0 = now_ns();
        for (int i = O.keep_one ? O.docs : 0; i < O.conns; i++) {
            conn_drop(&conns[i], !O.drop_fin);
            l[n++] = (u32)i;
        }
        dropped = n;
        double drop_s = (double)(now_ns() - t0) / 1e9;
        for (u32 i = 0; i < n; i++) conns[l[i]].t_start = t0;
        memset(&H_sync, 0, sizeof H_sync);
        u64 ret0 = S.retries;
        connect_many(l, n, (u32)O.parallel);
        double secs = (double)(now_ns() - t0) / 1e9;
        cpu_t c1 = server_cpu();
        double cpu = c1.user + c1.sys - c0.user - c0.sys;
        sum += secs;
        cpu_sum += cpu;
        if (secs > worst) worst = secs;
        for (unsigned i = 0; i < sizeof all.c / sizeof *all.c; i++) all.c[i] += H_sync.c[i];
        all.n += H_sync.n;
        all.sum += H_sync.sum;
        if (H_sync.max > all.max) all.max = H_sync.max;
        fprintf(J, "%s{\"s\": %.4f, \"drop_s\": %.4f, \"p50_ms\": %.1f, \"p99_ms\": %.1f, \"retries\": %lu, \"server_cpu_s\": %.2f}",
                r ? ", " : "", secs, drop_s, hist_ms(&H_sync, .5), hist_ms(&H_sync, .99), (unsigned long)(S.retries - ret0), cpu);
        free(l);
        run_for(O.settle > 0.5 ? O.settle : 0.5);
    }
    fputc(']', J);
    jfirst = false;
    jnum("dropped", dropped);
    jnum("resync_s", sum / O.rounds);
    jnum("resync_s_worst", worst);
    jnum("resync_per_s", dropped * (double)O.rounds / sum);
    jhist("resync_ms", &all);
    jnum("loadgen_cpu_s", self_cpu() - self0);
    if (n_tree) {
        jnum("server_cpu_s_per_round", cpu_sum / O.rounds);
        jopen("server_rss_kb");
        jnum("before", (double)B.rss0);
        jnum("synced", (double)B.rss2);
        jnum("after", (double)server_rss_kb());
        jclose();
    }
    json_end();
    close_all();
}

/* Write updates to a file: [u32 length][bytes]..., writers in turn. */
static void sc_gen(void) {
    FILE *f = fopen(O.dump ? O.dump : "/dev/stdout", "wb");
    if (!f) die("cannot write %s", O.dump);
    writer_t *w = xalloc(sizeof *w * (size_t)O.writers);
    for (int i = 0; i < O.writers; i++) { w[i].client = O.gen_client + (u32)i; w[i].local = (u32)i; }
    for (u32 i = 0; i < (u32)O.gen_count; i++) {
        u8 b[8192];
        u32 k = i % (u32)O.writers, n;
        if (O.op == OP_AWARENESS) {
            char m[MARK_LEN + 1] = {0};
            put_marker(m, i + 1);
            n = (u32)(build_awareness(b, w[k].client, ++w[k].clock, m) - b);
        } else n = (u32)(build_update(b, &w[k], i + 1) - b);
        fwrite(&n, 4, 1, f);
        fwrite(b, 1, n, f);
    }
    fclose(f);
    free(w);
}

/* ---------------------------------------------------------------- arguments */

static void parse_url(const char *u) {
    char host[64];
    int port = 80, n = 0;
    if (strncmp(u, "ws://", 5)) die("--url must begin with ws://");
    u += 5;
    size_t l = strcspn(u, ":/");
    if (l >= sizeof host) die("bad host");
    memcpy(host, u, l);
    host[l] = 0;
    u += l;
    if (*u == ':') { if (sscanf(u, ":%d%n", &port, &n) != 1) die("bad port"); u += n; }
    snprintf(O.hostname, sizeof O.hostname, "%s", host);
    O.port = port;
    if (!inet_aton(strcmp(host, "localhost") ? host : "127.0.0.1", &O.host) || ntohl(O.host.s_addr) >> 24 != 127)
        die("only loopback targets (127.x.x.x) are allowed, not %s", host);
    if (!*u) u = "/";
    snprintf(O.path, sizeof O.path, "%s", u);
    if (!strstr(O.path, "{doc}") && !O.hocus) {         /* y-websocket: name at the end of the path */
        size_t pl = strlen(O.path);
        if (pl + 6 > sizeof O.path) die("URL too long");
        strcpy(O.path + pl, "{doc}");
    }
}

static const char usage[] =
    "usage: yload fanout|awareness|idle|join|storm|gen --url ws://127.0.0.1:PORT/[prefix[{doc}]] [options]\n"
    " target    --proto yws|hocuspocus  --server-pid PID  --stores-pid PID  --token T  --header 'N: v'  --subprotocol X\n"
    "           --query k=v  --docs-file F (name[TAB token] per line)  --doc-prefix P  --oneway\n"
    "           --hocus-version V ('' = none)\n"
    " size      --docs D  --clients C (per document)  --conns N (total, instead of --clients)\n"
    "           --parallel P (handshakes at once)  --src-addrs N  --timeout S\n"
    " load      --op map|text|array|awareness  --writers W (per document)  --rate R (per writer and second)\n"
    "           --window K --ack one|all (closed loop)  --arrival even|poisson  --pad N\n"
    "           --warmup S --duration S --drain S --drain-idle S --settle S  --presence S  --no-verify\n"
    " idle      --hold S  --no-close        join  --update-file F --joins K --concurrency K --min-frac X\n"
    " storm     --rounds R --drop rst|fin --keep-one\n"
    " generator --spin  --batch-us N  --seed N  --out F  --label L  --dump F (updates sent to doc 0)\n"
    "           --dump-state F (its final state, if below 64 KiB)  -v\n"
    " gen       --op OP --writers W --count N --client-id ID --dump F\n";

static void parse_args(int argc, char **argv) {
    const char *url = NULL;
    int clients_set = 0;
    O.docs = 1; O.clients = 10; O.writers = -1; O.rate = 10; O.duration = 10; O.warmup = 1; O.drain = 40; O.drain_idle = 10;
    O.settle = 0.3; O.timeout = 60; O.parallel = 0; O.rounds = 3; O.joins = -1; O.concurrency = -1; O.pad = -1;
    O.hold = 2; O.token = "t"; O.version = "4.7.0"; O.verify = true; O.op = OP_MAP; O.min_frac = 0.5;
    O.seed = now_ns() ^ (u64)getpid() << 32; O.gen_client = 1000; O.gen_count = 100; O.polite = true;
    if (argc < 2) { fputs(usage, stderr); exit(1); }
    O.scenario = argv[1];
    if (!strcmp(O.scenario, "awareness")) O.op = OP_AWARENESS;
    if (!strcmp(O.scenario, "idle") || !strcmp(O.scenario, "storm")) O.clients = 100;
    snprintf(O.prefix, sizeof O.prefix, "lt%08x-", (u32)(O.seed >> 8 ^ (u64)time(NULL)));
    for (int i = 2; i < argc; i++) {
        const char *a = argv[i];
        if (!strcmp(a, "-v")) { O.verbose = true; continue; }
        if (!strcmp(a, "--spin")) { O.spin = true; continue; }
        if (!strcmp(a, "--no-preload")) { O.no_preload = true; continue; }
        if (!strcmp(a, "--oneway")) { O.oneway = true; continue; }
        if (!strcmp(a, "--keep-one")) { O.keep_one = true; continue; }
        if (!strcmp(a, "--no-verify")) { O.verify = false; continue; }
        if (!strcmp(a, "--no-close")) { O.polite = false; continue; }
        if (!strcmp(a, "-h") || !strcmp(a, "--help")) { fputs(usage, stdout); exit(0); }
        if (i + 1 >= argc) die("%s: unknown option, or it needs a value (see --help)", a);
        const char *v = argv[++i];
#define INT(name, f) else if (!strcmp(a, name)) f = atoi(v)
#define DBL(name, f) else if (!strcmp(a, name)) f = atof(v)
#define STR(name, f) else if (!strcmp(a, name)) f = v
        if (!strcmp(a, "--url")) url = v;
        else if (!strcmp(a, "--proto")) {
            if (!strcmp(v, "hocuspocus")) O.hocus = true;
            else if (strcmp(v, "yws")) die("--proto yws|hocuspocus");
        } else if (!strcmp(a, "--clients")) { O.clients = atoi(v); clients_set = 1; }
        else if (!strcmp(a, "--conns")) O.conns = atoi(v);
        else if (!strcmp(a, "--op")) {
            int k;
            for (k = 0; k < 4 && strcmp(v, op_names[k]); k++) {}
            if (k == 4) die("--op map|text|array|awareness");
            O.op = k;
        } else if (!strcmp(a, "--ack")) O.ack_all = !strcmp(v, "all");
        else if (!strcmp(a, "--arrival")) O.poisson = !strcmp(v, "poisson");
        else if (!strcmp(a, "--drop")) O.drop_fin = !strcmp(v, "fin");
        else if (!strcmp(a, "--doc-prefix")) snprintf(O.prefix, sizeof O.prefix, "%s", v);
        else if (!strcmp(a, "--header")) { if (O.n_headers == MAX_EXTRA) die("too many headers"); O.headers[O.n_headers++] = v; }
        else if (!strcmp(a, "--query")) { if (O.n_queries == MAX_EXTRA) die("too many queries"); O.queries[O.n_queries++] = v; }
        else if (!strcmp(a, "--seed")) O.seed = strtoull(v, NULL, 0);
        else if (!strcmp(a, "--client-id")) O.gen_client = (u32)strtoul(v, NULL, 0);
        INT("--docs", O.docs); INT("--writers", O.writers); INT("--window", O.window); INT("--pad", O.pad);
        INT("--batch-us", O.batch_us); INT("--parallel", O.parallel); INT("--src-addrs", O.src_addrs);
        INT("--rounds", O.rounds); INT("--joins", O.joins); INT("--concurrency", O.concurrency);
        INT("--server-pid", O.server_pid); INT("--stores-pid", O.stores_pid); INT("--count", O.gen_count);
        DBL("--rate", O.rate); DBL("--duration", O.duration); DBL("--warmup", O.warmup); DBL("--drain", O.drain); DBL("--drain-idle", O.drain_idle);
        DBL("--settle", O.settle); DBL("--hold", O.hold); DBL("--timeout", O.timeout);
        DBL("--presence", O.presence); DBL("--min-frac", O.min_frac);
        STR("--docs-file", O.docs_file); STR("--token", O.token); STR("--hocus-version", O.version);
        STR("--update-file", O.update_file); STR("--out", O.out); STR("--label", O.label);
        STR("--dump", O.dump); STR("--dump-state", O.dump_state); STR("--subprotocol", O.subprotocol); STR("--root", O.root);
        else die("unknown option %s (see --help)", a);
    }
    rng_state = O.seed * 0x9E3779B97F4A7C15ull | 1;
    for (int i = 0; i < 8; i++) rnd();
    if (O.pad < 0) O.pad = O.op == OP_TEXT ? 0 : 20;
    if (O.pad > 4000) die("--pad: at most 4000");
    if (O.docs < 1) die("--docs: at least 1");
    if (!strcmp(O.scenario, "gen")) { if (O.writers < 1) O.writers = 1; return; }
    if (!url) die("--url is needed");
    parse_url(url);
    if (O.duration > 3600 || O.hold > 3600) die("runs are limited to an hour");
    if (!strcmp(O.scenario, "join")) {
        O.conns = O.docs;
        if (O.joins < 0) O.joins = 100;
        if (O.concurrency < 0) O.concurrency = 100;
    } else {
        O.joins = O.concurrency = 0;
        if (O.conns > 0 && !clients_set) O.clients = (O.conns + O.docs - 1) / O.docs;
        else O.conns = O.docs * O.clients;
    }
    if (O.conns < O.docs) die("fewer connections than documents");
    if (O.writers < 0) O.writers = O.op == OP_AWARENESS ? O.clients : 1;
    if (O.writers > O.clients) O.writers = O.clients;
    if (O.window && O.clients < 2) die("closed loop needs at least 2 clients per document");
    if (O.parallel <= 0) O.parallel = !strcmp(O.scenario, "storm") ? O.conns : 64;
    /* well below the 28,000 ephemeral ports: the kernel's search for a free one gets slow */
    if (O.src_addrs < 1) O.src_addrs = (O.conns + O.concurrency) / 5000 + 1;
}

static void load_docs(void) {
    docs = xalloc(sizeof *docs * (size_t)O.docs);
    FILE *f = O.docs_file ? fopen(O.docs_file, "r") : NULL;
    if (O.docs_file && !f) die("cannot read %s", O.docs_file);
    for (int d = 0; d < O.docs; d++) {
        char line[4096];
        if (!f) {
            snprintf(line, sizeof line, "%s%d", O.prefix, d);
            docs[d].name = strdup(line);
            continue;
        }
        if (!fgets(line, sizeof line, f)) die("%s has fewer than %d documents", O.docs_file, O.docs);
        line[strcspn(line, "\r\n")] = 0;
        char *tab = strchr(line, '\t');
        if (tab) { *tab = 0; docs[d].token = strdup(tab + 1); }
        docs[d].name = strdup(line);
        if (strlen(line) > 900) die("document name too long");
    }
    if (f) fclose(f);
}

int main(int argc, char **argv) {
    parse_args(argc, argv);
    memset(hexv, 16, sizeof hexv);
    for (int i = 0; i < 16; i++) hexv[(u8)hexd[i]] = (u8)i;
    if (!strcmp(O.scenario, "gen")) { sc_gen(); return 0; }

    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1000ul);
    u32 extra = 1 + (u32)O.concurrency;
    struct rlimit rl;
    rlim_t need = (rlim_t)O.conns + extra + 32;
    getrlimit(RLIMIT_NOFILE, &rl);
    if (rl.rlim_cur < need) {
        rl.rlim_cur = need;
        if (rl.rlim_max < need) rl.rlim_max = need;
        if (setrlimit(RLIMIT_NOFILE, &rl)) {
            getrlimit(RLIMIT_NOFILE, &rl);
            rl.rlim_cur = rl.rlim_max;
            setrlimit(RLIMIT_NOFILE, &rl);
            if (rl.rlim_cur < need) die("%lu file descriptors needed, the limit is %lu", (unsigned long)need, (unsigned long)rl.rlim_cur);
        }
    }
    load_docs();
    if (O.update_file) {
        FILE *f = fopen(O.update_file, "rb");
        struct stat st;
        if (!f || fstat(fileno(f), &st)) die("cannot read %s", O.update_file);
        preload = xalloc((size_t)st.st_size);
        preload_len = fread(preload, 1, (size_t)st.st_size, f);
        fclose(f);
    } else if (!strcmp(O.scenario, "join") && !O.no_preload) die("join needs --update-file, or --no-preload");
    if (O.dump && !(dump_f = fopen(O.dump, "wb"))) die("cannot write %s", O.dump);

    ep = epoll_create1(EPOLL_CLOEXEC);
    bool fan = !strcmp(O.scenario, "fanout") || !strcmp(O.scenario, "awareness");
    conns = xalloc(sizeof *conns * ((size_t)O.conns + extra));
    if (fan) {
        size_t sz = sizeof(mark_t) * (size_t)MAX_MARKS;
        marks = mmap(NULL, sz, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (marks == MAP_FAILED) die("mmap: %s", strerror(errno));
        writers = xalloc(sizeof *writers * (size_t)O.docs * (size_t)O.writers);
        size_t per = (size_t)O.writers * (O.window ? (size_t)O.window : 1);
        ready_q = xalloc(sizeof *ready_q * ((size_t)O.docs * per * 2 + 16));
    }
    track_t *tracks = NULL;
    if (fan) {
        size_t sz = sizeof(track_t) * (size_t)O.conns * (size_t)O.writers;
        tracks = mmap(NULL, sz, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (tracks == MAP_FAILED) die("mmap: %s", strerror(errno));
    }
    /* conns 0..D-1 are the first client of each document, and so on */
    for (int i = 0; i < O.conns; i++) {
        conn_t *c = &conns[i];
        c->fd = -1;
        c->id = (u32)i;
        c->doc = (u32)(i % O.docs);
        c->writer = -1;
        c->aw_client = (u32)rnd() & 0x7fffffff;
        docs[c->doc].conns++;
        if (fan) {
            c->track = tracks + (size_t)i * (size_t)O.writers;
            if (i / O.docs < O.writers) {
                c->writer = (int)n_writers;
                writers[n_writers++] = (writer_t){.client = (u32)rnd(), .conn = (u32)i, .doc = c->doc, .local = (u32)(i / O.docs)};
            }
        }
    }
    for (u32 k = 0; k < extra; k++) temp_conn(k, 0, IS_TEMP);

    if (fan) sc_fanout();
    else if (!strcmp(O.scenario, "idle")) sc_idle();
    else if (!strcmp(O.scenario, "join")) sc_join();
    else if (!strcmp(O.scenario, "storm")) sc_storm();
    else { fputs(usage, stderr); return 1; }
    if (dump_f) fclose(dump_f);
    return 0;
}
