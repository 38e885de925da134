"""Programs that tests and benches in Python start: each dies with its owner, and all on free ports.

What can't begin throws with what it said. Times are seconds. For one thread each.
"""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30
PORTS_TO_TRY = 5
# Nothing here goes through a proxy.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def wait_until(condition, what, seconds=PATIENCE_S, pause=0.05):
    """What the condition returns once it is true."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain: {what}")
        time.sleep(pause)


def get(url, headers=None, timeout=PATIENCE_S, data=None):
    """The body of an answer; an exception of urllib's, also for a status of 400 and above."""
    with OPENER.open(urllib.request.Request(url, data=data, headers=headers or {}), timeout=timeout) as answer:
        return answer.read()


def get_json(url, timeout=PATIENCE_S):
    return json.loads(get(url, timeout=timeout))


def free_port():
    """A port that was free a moment ago."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def own_copy(program):
    """The directory of a copy of the program: --exe then means nobody else's processes."""
    with tempfile.TemporaryDirectory(prefix="valkyria-copy-") as directory:
        shutil.copy(program, directory)
        yield Path(directory)


class Program:
    """A running program, which is killed with us. Its output goes to files that nobody else sees."""

    def __init__(self, command, stdin=None, environment=None, prepare=None):
        """`environment` is added to ours; `prepare` runs in the child, before it becomes the program."""
        self.said = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *map(str, command)],
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE if stdin else self.said,
            stderr=self.said,
            env={**os.environ, **(environment or {})},
            preexec_fn=prepare,
        )

    @property
    def pid(self):
        return self.process.pid

    def output(self):
        """All that it has said so far, on stderr and, without commands, on stdout."""
        return os.pread(self.said.fileno(), 1 << 24, 0).decode(errors="replace")

    def is_running(self):
        return self.process.poll() is None

    def cpu_s(self):
        """CPU time of all its threads since it started."""
        return time.clock_gettime_ns((~self.pid << 3) | 2) / 1e9

    def rss_bytes(self):
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii", errors="replace")
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def stop(self, number=signal.SIGTERM):
        """Ends it; how long that took."""
        start = time.monotonic()
        if self.is_running():
            self.process.send_signal(number)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.said):
            if stream:
                stream.close()
        return time.monotonic() - start

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.said.closed:
            self.stop()


class Minivalk(Program):
    """The stand-in runtime. `ports` are those of its servers."""

    def __init__(self, bin_dir, *options, name="minivalk", environment=None, prepare=None):
        super().__init__([Path(bin_dir, name), *options], subprocess.PIPE, environment, prepare)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"minivalk does not begin: {self.output()}")
        self.ports = [server["port"] for server in json.loads(line)["servers"]]

    def command(self, text):
        """The answer to a command."""
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().decode()

    def truth(self):
        """{(name, labels as sorted pairs): value}"""
        metrics = json.loads(self.command("truth"))["metrics"]
        return {(one["name"], tuple(sorted(one["labels"].items()))): one["value"] for one in metrics}

    def request(self, *paths):
        """Asks each server for each path, on a connection of its own for each server."""
        for port in self.ports:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
            for path in paths:
                connection.request("GET", path)
                connection.getresponse().read()
            connection.close()


class Exporter(Program):
    """valkyria_exporter, serving on a free port and leaving nothing behind, unless the options say otherwise.
    `started_s` is how long its start took. `before` is what stands before it on the command line: what starts it."""

    def __init__(self, bin_dir, *options, before=()):
        start = time.monotonic()
        command = [*before, Path(bin_dir, "valkyria_exporter"), *options]
        for option, usual in (("--web.listen-address", "127.0.0.1:0"), ("--cache-dir", "")):
            if not any(str(one).split("=")[0] == option for one in options):
                command += [option, usual]
        super().__init__(command)
        serving = wait_until(
            lambda: re.search(r"serving on .*http://127\.0\.0\.1:(\d+)/", self.output()) or not self.is_running(),
            "the exporter serves",
            pause=0.005,
        )
        if serving is True:
            raise RuntimeError(f"the exporter does not begin: {self.output()}")
        self.started_s = time.monotonic() - start
        self.port = int(serving[1])

    def scrape(self, headers=None):
        return get(f"http://127.0.0.1:{self.port}/metrics", headers)

    def text(self):
        return self.scrape().decode()

    def metrics(self):
        """{(name, labels as sorted pairs): value}"""
        families = text_string_to_metric_families(self.text())
        samples = [sample for family in families for sample in family.samples]
        metrics = {(one.name, tuple(sorted(one.labels.items()))): one.value for one in samples}
        assert len(metrics) == len(samples), "a series is there twice"
        return metrics

    def names(self):
        """{pid: what the label `process` says} of those that are up."""
        metrics = self.metrics()
        infos = [dict(labels) for name, labels in metrics if name == "valkyria_process_info"]
        up = [dict(labels)["process"] for (name, labels), value in metrics.items() if name == "valkyria_up" and value == 1]
        return {int(info["pid"]): info["process"] for info in infos if info["process"] in up}


class Server(Program):
    """One that is told its port: a free one, which somebody may take before it does."""

    def __init__(self, command_of, ready_path, port=None):
        for _ in range(PORTS_TO_TRY):
            self.port = port or free_port()
            super().__init__(command_of(self.port))
            wait_until(lambda: self.is_ready(ready_path) or not self.is_running(), f"port {self.port} answers")
            # Whoever took the port may answer, too.
            if self.is_running():
                return
            if "address already in use" not in self.output():
                break
        raise RuntimeError(f"it does not begin: {self.output()[-2000:]}")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self, path):
        try:
            get(self.url + path, timeout=5)
            return True
        except OSError:
            return False
