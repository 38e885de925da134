"""What a database pays for many hosts: CPU a sample, memory and bytes a series, bytes a sample, queries."""
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from multiprocessing import Process
from pathlib import Path

import fleet
from programs import wait_until
from remote_write import Host, Writer

SENDERS = 2
IDLE_SHARE = 0.05
# Each query, for its median.
ASKED = 7
QUERIES = {
    "one host's heap, an instant": ('valk_gc_heap_used_bytes{{instance="{host}"}}', 0),
    "one host's request rate, the range": ('sum by (status) (rate(http_requests_total{{instance="{host}"}}[1m]))', 1),
    "all hosts' request rate, an instant": ("sum(rate(http_requests_total[1m]))", 0),
    "all hosts' request rate, the range": ("sum by (status) (rate(http_requests_total[1m]))", 1),
    "all hosts' p99 of pauses, an instant": (
        "histogram_quantile(0.99, sum by (le) (rate(valk_gc_pause_duration_seconds_bucket[1m])))",
        0,
    ),
    "the ten fullest heaps, an instant": ("topk(10, valk_gc_heap_used_bytes / valk_gc_heap_total_bytes)", 0),
    "hosts that do not answer, an instant": ("count(up == 0)", 0),
}


@dataclass
class Cost:
    """Of `hosts` hosts' `scrapes` scrapes. CPU in seconds, with what merging takes afterwards."""

    hosts: int = 0
    scrapes: int = 0
    interval_s: int = 0
    series: int = 0
    samples: int = 0
    first_cpu_s: float = 0
    first_samples: int = 0
    cpu_s: float = 0
    wall_s: float = 0
    rss_bytes: int = 0
    data_bytes: int = 0
    index_bytes: int = 0
    queries: dict = field(default_factory=dict)


def send(port, hosts, bodies):
    """Each body under the name of each host."""
    writer = Writer(port)
    for body in bodies:
        for host in hosts:
            writer.write(body.replace(Host.PLACEHOLDER, Host.name(host)))


def send_in_parallel(port, hosts, bodies):
    senders = [Process(target=send, args=(port, range(part, hosts, SENDERS), bodies)) for part in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    if any(sender.exitcode != 0 for sender in senders):
        raise RuntimeError("a sender failed, see above")


def wait_until_idle(database):
    """Until it has merged what it wants to."""

    def is_idle():
        start_s, start = database.cpu_s(), time.monotonic()
        time.sleep(2)
        return database.cpu_s() - start_s < IDLE_SHARE * (time.monotonic() - start)

    wait_until(is_idle, "the database has nothing to do", seconds=300)


def disk_bytes(directory):
    return int(subprocess.run(["du", "-sb", directory], check=True, capture_output=True, text=True).stdout.split()[0])


def ask(database, promql, over_s, end_s):
    """Median time and median CPU time of the database, in ms, of an answer that was not kept from before."""
    times, cpu_times = [], []
    for _ in range(ASKED):
        start, start_cpu_s = time.monotonic(), database.cpu_s()
        if over_s:
            database.query_range(promql, end_s - over_s, end_s, max(15, over_s // 240))
        else:
            database.query(promql, end_s)
        times.append((time.monotonic() - start) * 1e3)
        cpu_times.append((database.cpu_s() - start_cpu_s) * 1e3)
    return statistics.median(times), statistics.median(cpu_times)


def measure(recording, directory, hosts, scrapes, interval_s):
    """Replays the recording under the names of so many hosts, ending about now."""
    host = Host(recording.series)
    end_s = int(time.time()) // interval_s * interval_s
    times_ms = [(end_s - interval_s * (scrapes - 1 - n)) * 1000 for n in range(scrapes)]
    encoded = [host.body(values, time_ms) for values, time_ms in zip(recording.sequence(scrapes), times_ms)]
    cost = Cost(hosts, scrapes, interval_s, series=hosts * len(recording.series))
    cost.first_samples = hosts * encoded[0][1]
    cost.samples = hosts * sum(samples for _, samples in encoded)
    with fleet.Database(directory, None, "-search.maxQueryDuration=5m") as database:
        start_s, start = database.cpu_s(), time.monotonic()
        send_in_parallel(database.port, hosts, [encoded[0][0]])
        wait_until_idle(database)
        cost.first_cpu_s = database.cpu_s() - start_s

        start_s, start = database.cpu_s(), time.monotonic()
        send_in_parallel(database.port, hosts, [body for body, _ in encoded[1:]])
        cost.wall_s = time.monotonic() - start
        database.flush()
        wait_until_idle(database)
        cost.cpu_s = database.cpu_s() - start_s
        cost.rss_bytes = database.rss_bytes()

        stored = database.rows()
        if stored != cost.samples:
            raise RuntimeError(f"the database has {stored:.0f} samples of {cost.samples}")
        name = Host.name(hosts // 2).decode()
        for what, (promql, ranged) in QUERIES.items():
            over_s = interval_s * (scrapes - 1) if ranged else 0
            cost.queries[what] = ask(database, promql.replace("1m", f"{4 * interval_s}s").format(host=name), over_s, end_s)
        database.merge()
        wait_until_idle(database)
    # What is left on disk once it has ended.
    cost.data_bytes = disk_bytes(Path(directory, "data"))
    cost.index_bytes = disk_bytes(Path(directory, "indexdb"))
    return cost
