"""What an agent pays for a host: CPU, memory, the WAL and the wire, a sample each."""
import subprocess
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fleet
from programs import ROOT, wait_until

WARM_UP_SCRAPES = 3


@dataclass
class Cost:
    """While it scraped `hosts` hosts. CPU in seconds, for `samples` that it stored and sent."""

    hosts: int = 0
    interval_s: int = 0
    series: float = 0
    samples: float = 0
    scraped_bytes: int = 0
    cpu_s: float = 0
    wall_s: float = 0
    rss_bytes: int = 0
    wal_bytes: int = 0
    sent_bytes: float = 0


class Hosts(ThreadingHTTPServer):
    """Serves the recording to each path by itself, as many hosts would: one scrape after the other."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, texts):
        super().__init__(("127.0.0.1", 0), Answer)
        self.texts = texts
        self.asked = Counter()
        self.asked_at = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """Whoever asks may end at any time."""

    def next_of(self, path):
        with self.lock:
            self.asked[path] += 1
            self.asked_at.append(time.time())
            # Whoever is past the end goes back: what rises must not seem to have begun anew.
            return self.texts[min(self.asked[path], len(self.texts)) - 1]

    def fewest_scrapes(self, hosts):
        with self.lock:
            return min(self.asked.values()) if len(self.asked) == hosts else 0


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.server.next_of(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        try:
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # who asked has ended

    def log_message(self, *_):
        pass


def write_configuration(directory, hosts, port, write_url, interval_s):
    """agent.yml for so many hosts, all of them at one port: /host-00000 and so on."""
    (directory / "targets").mkdir()
    inventory = "".join(
        f'- targets: ["127.0.0.1:{port}"]\n'
        f"  labels: {{ __host_name: host-{i:05d}, __host_datacenter: fra, __host_rack: r12, __host_role: web, "
        f"__metrics_path__: /host-{i:05d} }}\n"
        for i in range(hosts)
    )
    (directory / "targets/hosts.yml").write_text(inventory, encoding="utf-8")
    command = [ROOT / "tools/deploy/fleet/shard", "0", "1", "--interval", f"{interval_s}s"]
    command += ["--write-url", write_url, "--targets", f"{directory}/targets/*.yml"]
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    config = directory / "agent.yml"
    config.write_text(made, encoding="utf-8")
    return config


def measure(recording, hosts, interval_s, scrapes):
    """From the third scrape of all on, for `scrapes` scrapes of each."""
    cost = Cost(hosts, interval_s, scraped_bytes=len(recording.texts[-1]))
    with tempfile.TemporaryDirectory(prefix="valkyria-fleet-") as name, Hosts(recording.texts) as server:
        directory = Path(name)
        with ExitStack() as stack:
            database = stack.enter_context(fleet.Database(directory / "database"))
            write_url = database.url + "/api/v1/write"
            config = write_configuration(directory, hosts, server.server_port, write_url, interval_s)
            agent = stack.enter_context(fleet.Agent(config, directory / "agent"))

            def wait_for_scrapes(number):
                wait_until(lambda: server.fewest_scrapes(hosts) >= number, f"{number} scrapes", seconds=60 + number * interval_s)

            appended = "prometheus_agent_samples_appended_total"
            sent = "prometheus_remote_storage_bytes_total"
            wait_for_scrapes(WARM_UP_SCRAPES)
            before = agent.metric(appended), agent.metric(sent), agent.cpu_s(), time.monotonic()
            wait_for_scrapes(WARM_UP_SCRAPES + scrapes)
            cost.samples, cost.sent_bytes = agent.metric(appended) - before[0], agent.metric(sent) - before[1]
            cost.cpu_s, cost.wall_s = agent.cpu_s() - before[2], time.monotonic() - before[3]
            cost.series = agent.metric("prometheus_agent_active_series")
            cost.rss_bytes = agent.rss_bytes()
            wal = sum(file.stat().st_size for file in (directory / "agent/wal").iterdir() if file.is_file())
            cost.wal_bytes = wal * cost.samples / max(1, agent.metric(appended))
        server.shutdown()
    return cost
