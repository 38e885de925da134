"""What stands behind many exporters: Prometheus in agent mode, and a database that it writes to."""
import json
import os
import sys
import urllib.parse

from programs import ROOT, Server, get, get_json
from prometheus import PROMETHEUS

VICTORIA_METRICS = ROOT / "build/victoria-metrics/usr/bin/victoria-metrics"

# For who asks of millions of series on a busy machine.
LONG_S = 300
VMAGENT = ROOT / "build/victoria-metrics/usr/bin/vmagent"


def skip_without_programs(*programs):
    """Ends the test as skipped where a program is missing; in CI as failed."""
    for program in programs:
        if not os.access(program, os.X_OK):
            print(f"no {program}; run: tools/install_packages --with-fleet")
            sys.exit(1 if os.environ.get("CI") else 77)


def skip_without_root():
    """The same for who may not attach probes."""
    if os.geteuid() != 0:
        print("attaching probes needs root")
        sys.exit(1 if os.environ.get("CI") else 77)


def sum_of_lines(url, begins):
    """Of the numbers in /metrics on lines that begin so."""
    lines = get(url + "/metrics").decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(begins))


class Agent(Server):
    """Prometheus in agent mode."""

    def __init__(self, config, directory, port=None):
        super().__init__(
            lambda port: [
                PROMETHEUS,
                "--enable-feature=agent",
                f"--config.file={config}",
                f"--storage.agent.path={directory}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            "/-/ready",
            port,
        )

    def targets(self):
        """Those that it scrapes."""
        return get_json(self.url + "/api/v1/targets")["data"]["activeTargets"]

    def metric(self, name):
        """The sum over all series of one of its own metrics; 0 if there is none."""
        return sum_of_lines(self.url, (name + " ", name + "{"))


class KeepingAgent(Server):
    """vmagent: reads an agent's scrape configuration and keeps what it could not send in a queue on disk."""

    def __init__(self, config, directory, write_url):
        super().__init__(
            lambda port: [
                VMAGENT,
                f"-promscrape.config={config}",
                # What it does not know in there concerns writing, or is a limit of Prometheus's.
                "-promscrape.config.strictParse=false",
                f"-remoteWrite.url={write_url}",
                f"-remoteWrite.tmpDataPath={directory}",
                f"-httpListenAddr=127.0.0.1:{port}",
            ],
            "/health",
        )


class Database(Server):
    """VictoriaMetrics, a single server."""

    def __init__(self, directory, port=None, *options):
        super().__init__(
            lambda own_port: [
                VICTORIA_METRICS,
                f"-storageDataPath={directory}",
                f"-httpListenAddr=127.0.0.1:{own_port}",
                "-retentionPeriod=12",
                # Answers with what came last, too; by default it waits 30 s for stragglers.
                "-search.latencyOffset=0s",
                "-loggerLevel=WARN",
                *options,
            ],
            "/health",
            port,
        )

    def flush(self):
        """Whatever came is found by queries afterwards."""
        get(self.url + "/internal/force_flush", timeout=LONG_S)

    def merge(self):
        """Begins to make few large files of what is stored."""
        get(self.url + "/internal/force_merge", timeout=LONG_S)

    def rows(self):
        """Samples that are stored."""
        return sum_of_lines(self.url, 'vm_rows{type="storage/')

    def query(self, promql, at=None):
        """Instant values: a list of (labels, number)."""
        arguments = {"query": promql, "nocache": "1"} | ({"time": at} if at else {})
        answer = get_json(f"{self.url}/api/v1/query?{urllib.parse.urlencode(arguments)}", LONG_S)
        return [(one["metric"], float(one["value"][1])) for one in answer["data"]["result"]]

    def query_range(self, promql, start_s, end_s, step_s):
        """The answer as it comes, in JSON."""
        arguments = {"query": promql, "nocache": "1", "start": start_s, "end": end_s, "step": step_s}
        return get_json(f"{self.url}/api/v1/query_range?{urllib.parse.urlencode(arguments)}", LONG_S)["data"]["result"]

    def raw(self, selector):
        """All samples as they were stored: a list of (labels, times in s, numbers)."""
        arguments = urllib.parse.urlencode({"match[]": selector, "reduce_mem_usage": "1"})
        lines = get(f"{self.url}/api/v1/export?{arguments}").splitlines()
        series = [json.loads(line) for line in lines]
        return [(one["metric"], [t / 1000 for t in one["timestamps"]], one["values"]) for one in series]
