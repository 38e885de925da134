#!/usr/bin/python3
"""The whole way of a number in a fleet: exporters, Prometheus agents made by tools/deploy/fleet, a
database. It says what the exporters serve, by hosts' names, also after it was away for a while.

usage: tests/deploy/fleet_test.py [BIN_DIR]      77: a program is missing, in CI a failure
"""
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import fleet  # noqa: E402
from programs import Exporter, Minivalk, free_port, wait_until  # noqa: E402
from prometheus import PROMETHEUS, PROMTOOL  # noqa: E402
from prometheus_client.parser import text_string_to_metric_families  # noqa: E402

BIN_DIR = next((one for one in sys.argv[1:] if not one.startswith("-")), str(ROOT / "build/bin"))
HOSTS = ["web-1", "web-2", "job-1"]
SHARDS = 2
AWAY_S = 5
# Prometheus moves the time of a sample by up to 2 ms to the beat; the API tells when it began.
TIME_TOLERANCE_S = 0.05
# A database may round the last digits.
NUMBER_TOLERANCE = 1e-9
# By the agents, over what the exporter says.
ADDED_LABELS = {"__name__", "job", "instance", "datacenter", "rack", "role"}
PATHS = ["/", "/fib?n=8", "/status/404", "/status/500", "/alloc?kb=64", "/client?name=redis&ops=4"]


def counters_of(exporter):
    """Of what it serves: the value of each series of a counter or a histogram, by name and labels."""
    values = {}
    for family in text_string_to_metric_families(exporter.text()):
        if family.type not in ("counter", "histogram"):
            continue
        for sample in family.samples:
            values[series_of(sample.name, sample.labels)] = sample.value
    return values


def series_of(name, labels):
    """Comparable: a label without a value is no label, and bounds may be written in several ways."""
    known = {label: value for label, value in labels.items() if value and label not in ADDED_LABELS}
    if "le" in known:
        known["le"] = float(known["le"])
    return name, frozenset(known.items())


def is_left_out(name):
    """By agent.yml, or about the exporter's own work, which depends on who asks."""
    return name.startswith(("valkyria_exporter_probe_hits", "valkyria_exporter_collector", "process_"))


class Load:
    """Requests and collections in all runtimes, until it is stopped."""

    def __init__(self, runtimes):
        self.runtimes = runtimes
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopped.wait(0.1):
            for runtime in self.runtimes:
                runtime.request(*PATHS)
                runtime.command("gc")

    def stop(self):
        self.stopped.set()
        self.thread.join()


class Scrapes:
    """When each host was scraped, as its agent tells: the truth that the database is held against."""

    def __init__(self, agents):
        self.agents = agents
        self.times = defaultdict(set)
        self.shards = defaultdict(set)
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopped.wait(0.2):
            for shard, agent in enumerate(self.agents):
                for target in agent.targets():
                    self.add(shard, target)

    def add(self, shard, target):
        host = target["labels"]["instance"]
        if target["labels"]["job"] != "valkyria" or target["health"] != "up":
            return
        self.shards[host].add(shard)
        self.times[host].add(datetime.fromisoformat(target["lastScrape"]).timestamp())

    def since(self, start):
        return {host: {one for one in times if one > start} for host, times in dict(self.times).items()}

    def stop(self):
        self.stopped.set()
        self.thread.join()


class Fleet:
    """Everything that runs, from runtimes to the database; ends with the stack."""

    def __init__(self, stack, directory):
        self.stack = stack
        self.directory = Path(directory)
        self.runtimes = [stack.enter_context(Minivalk(BIN_DIR, "--servers", str(1 + i))) for i in range(len(HOSTS))]
        self.exporters = {
            host: stack.enter_context(Exporter(BIN_DIR, "--pid", str(runtime.pid)))
            for host, runtime in zip(HOSTS, self.runtimes)
        }
        self.agents = []
        self.database = self.begin_database()
        self.write_inventory()
        self.agents = [self.begin_agent(shard) for shard in range(SHARDS)]

    def begin_database(self, port=None):
        database = self.stack.enter_context(fleet.Database(self.directory / "database", port))
        # Before it ends: an agent waits for who takes the rest.
        self.stack.callback(self.stop_agents)
        return database

    def stop_agents(self):
        for agent in self.agents:
            agent.__exit__()

    def write_inventory(self):
        """With a host that is being worked at, and one that is nobody's."""
        (self.directory / "targets").mkdir()
        entries = [(host, exporter.port, host.split("-")[0], "") for host, exporter in self.exporters.items()]
        some_port = self.exporters[HOSTS[0]].port
        entries += [("broken", some_port, "web", "maintenance"), ("unknown", some_port, "", "")]
        lines = [
            f'- targets: ["127.0.0.1:{port}"]\n'
            f'  labels: {{ __host_name: "{name}", __host_datacenter: "fra", __host_rack: "r1", '
            f'__host_role: "{role}", __host_state: "{state}" }}\n'
            for name, port, role, state in entries
        ]
        (self.directory / "targets/hosts.yml").write_text("".join(lines), encoding="utf-8")

    def begin_agent(self, shard):
        config, port = self.directory / f"agent-{shard}.yml", free_port()
        command = [
            ROOT / "tools/deploy/fleet/shard",
            *(str(shard), str(SHARDS), "--interval", "1s"),
            *("--write-url", self.database.url + "/api/v1/write"),
            *("--targets", f"{self.directory}/targets/*.yml", "--agent-address", f"127.0.0.1:{port}"),
        ]
        config.write_text(subprocess.run(command, check=True, capture_output=True, text=True).stdout, encoding="utf-8")
        subprocess.run([PROMTOOL, "check", "config", "--agent", config], check=True, stdout=subprocess.DEVNULL)
        return self.stack.enter_context(fleet.Agent(config, self.directory / f"agent-{shard}", port))

    def change_configuration(self, shard):
        """Of a running agent, in something that does not concern what waits to be written."""
        config = self.directory / f"agent-{shard}.yml"
        changed = config.read_text(encoding="utf-8").replace("sample_limit: 100000", "sample_limit: 90000")
        config.write_text(changed, encoding="utf-8")
        reloaded = "prometheus_config_last_reload_success_timestamp_seconds"
        before = self.agents[shard].metric(reloaded)
        self.agents[shard].process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.agents[shard].metric(reloaded) > before, "the agent reads its configuration again")

    def stored_hosts(self):
        return {labels["instance"] for labels, _ in self.database.query('up{job="valkyria"} == 1')}

    def newest(self, expression):
        """The database's answer from all that it was given."""
        self.database.flush()
        return self.database.query(expression)

    def last_time(self, host):
        """Of the newest sample of this host."""
        self.database.flush()
        series = self.database.raw(f'up{{job="valkyria",instance="{host}"}}')
        return max((times[-1] for _, times, _ in series), default=0)


def check_labels(running):
    """Each host under its own name, with what the inventory says and nothing else."""
    series = running.database.query('up{job="valkyria"}')
    expected = [
        {"__name__": "up", "job": "valkyria", "instance": host, "datacenter": "fra", "rack": "r1", "role": host.split("-")[0]}
        for host in HOSTS
    ]
    assert sorted((labels for labels, _ in series), key=lambda one: one["instance"]) == sorted(
        expected, key=lambda one: one["instance"]
    ), series
    created = running.database.query('count({__name__=~".+_created"})')
    assert created == [], created


def check_nothing_is_lost(running, scrapes, start):
    """All scrapes that the agents tell of are stored, also those of when the database was away."""
    compared = 0
    for host, times in scrapes.since(start).items():
        last = max(times)
        wait_until(lambda host=host, last=last: running.last_time(host) >= last - TIME_TOLERANCE_S, f"{host}'s last scrape")
        series = running.database.raw(f'up{{job="valkyria",instance="{host}"}}')
        stored = [one for _, found, _ in series for one in found]
        lost = [one for one in times if not any(abs(one - other) < TIME_TOLERANCE_S for other in stored)]
        assert not lost, f"{host}: {len(lost)} of {len(times)} scrapes are lost, the first at {min(lost)}"
        compared += len(times)
    for agent in running.agents:
        for fault in ("failed", "dropped"):
            assert agent.metric(f"prometheus_remote_storage_samples_{fault}_total") == 0, fault
    return compared


def check_counters(running):
    """What the database answers is what the exporters serve, once all is quiet."""
    compared = 0
    for host, exporter in running.exporters.items():
        before, now = counters_of(exporter), time.time()
        wait_until(lambda host=host, now=now: running.last_time(host) > now, f"a scrape of {host} after {now}")
        stored = {}
        for labels, value in running.database.query(f'{{job="valkyria",instance="{host}"}}'):
            stored[series_of(labels["__name__"], labels)] = value
        after = counters_of(exporter)
        # Some go on by themselves, such as CPU time.
        quiet = {key: value for key, value in before.items() if after.get(key) == value and not is_left_out(key[0])}
        for key, value in quiet.items():
            assert key in stored, f"{host}: {key} is not stored"
            assert abs(stored[key] - value) <= NUMBER_TOLERANCE * abs(value), f"{host}: {key}: {stored[key]}, not {value}"
        counting = [value for value in quiet.values() if value > 0]
        assert len(counting) > 50, f"{host}: only {len(counting)} counters have counted"
        compared += len(quiet)
    return compared


def check_what_to_watch(running):
    """The README's expressions are understood; those that always have an answer have one for each agent."""
    text = (ROOT / "tools/deploy/fleet/README.md").read_text(encoding="utf-8")
    expressions = re.findall(r"^\| [^|`]+ \| `([^`]+)` \|$", text[text.index("## What to watch") :], re.M)
    assert len(expressions) == 5, expressions
    for expression in expressions:
        if not re.search(r"[=<>] ?0|>", expression):
            # What an agent scraped of itself is sent some time later, and found a second after that.
            wait_until(
                lambda expression=expression: len(running.newest(expression)) == SHARDS,
                f"an answer from each of {SHARDS} agents to {expression}",
            )
        elif "up{" not in expression:
            answer = running.database.query(expression)
            assert answer == [], (expression, answer)
        else:
            running.database.query(expression)
    return len(expressions)


def main():
    fleet.skip_without_programs(PROMETHEUS, PROMTOOL, fleet.VICTORIA_METRICS)
    fleet.skip_without_root()
    with tempfile.TemporaryDirectory(prefix="valkyria-fleet-") as directory, ExitStack() as stack:
        running = Fleet(stack, directory)
        load = Load(running.runtimes)
        scrapes = Scrapes(running.agents)
        wait_until(lambda: running.stored_hosts() == set(HOSTS), f"all of {HOSTS} in the database")
        start = time.time()
        check_labels(running)

        port = running.database.port
        running.database.stop()
        away_until = time.time() + AWAY_S
        running.change_configuration(0)
        wait_until(lambda: min(map(max, scrapes.times.values())) > away_until, "scrapes while the database is away")
        running.database = running.begin_database(port)
        assert {host: len(shards) for host, shards in scrapes.shards.items()} == dict.fromkeys(HOSTS, 1), scrapes.shards

        scrapes.stop()
        load.stop()
        rows = check_nothing_is_lost(running, scrapes, start)
        counters = check_counters(running)
        check_what_to_watch(running)
        print(f"{rows} scrapes told by agents are stored, {counters} counters are as served")
    return 0


sys.exit(main())
