"""What a test of tools/deploy runs: a runtime under load, the exporter, and a real Prometheus. All of it dies with the test."""
import ctypes
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from places import PROMETHEUS_FILES, prometheus

DEADLINE_S = 60
PR_SET_PDEATHSIG = 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_until(what, condition, seconds=DEADLINE_S):
    """What the condition answers, once it is something."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.05)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Process:
    """A child with its output in a file."""

    number = 0

    def __init__(self, directory, arguments, **options):
        Process.number += 1
        self.log_path = Path(directory) / f"{Path(arguments[0]).name}.{Process.number}.log"
        with open(self.log_path, "wb") as log:
            self.child = subprocess.Popen(self.command(list(map(str, arguments))), stdout=log, stderr=subprocess.STDOUT, preexec_fn=die_with_parent,
                                          **options)

    def command(self, arguments):
        return arguments

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def says(self, pattern):
        """The match of what it has written, once it has."""
        def look():
            assert self.child.poll() is None, f"{self.log_path.name}: it ended: {self.log()[-2000:]}"
            return re.search(pattern, self.log())
        return wait_until(f"{self.log_path.name} to say {pattern}", look)

    def end(self, number=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(number)
        self.child.wait(DEADLINE_S)
        if self.child.stdin:
            self.child.stdin.close()


class Runtime(Process):
    """minivalk, by a copy of its own, so that nobody else's is watched."""

    def __init__(self, directory, program, *arguments, **options):
        super().__init__(directory, [program, *arguments], stdin=subprocess.PIPE, **options)
        self.says('"ready":true')
        self.ports = [int(port) for port in re.findall(r'"port":(\d+)', self.log())]

    def collect(self):
        self.child.stdin.write(b"gc\n")
        self.child.stdin.flush()


class Exporter(Process):
    def __init__(self, directory, program, *arguments):
        super().__init__(directory, [program, *arguments, "--web.listen-address", "127.0.0.1:0", "--cache-dir", "", "--overhead.max", "off"])
        self.port = int(self.says(r"serving on .*http://127\.0\.0\.1:(\d+)")[1])
        self.address = f"127.0.0.1:{self.port}"
        wait_until("a watched process", lambda: self.get("/-/ready")[0] == 200)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8")
        finally:
            connection.close()


class Prometheus(Process):
    """Scrapes the exporters each second, and goes by the rules each second."""

    def __init__(self, directory, exporters):
        rule_files = [str(PROMETHEUS_FILES / name) for name in ("recording.rules.yml", "alerts.rules.yml")]
        configuration = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": rule_files,
            "scrape_configs": [{"job_name": "valkyria", "static_configs": [{"targets": [one.address for one in exporters]}]}],
        }
        (Path(directory) / "prometheus.yml").write_text(json.dumps(configuration), encoding="utf-8")
        self.port = free_port()
        super().__init__(directory, [prometheus(), f"--config.file={directory}/prometheus.yml", f"--storage.tsdb.path={directory}/data",
                                     f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"], env={**os.environ, "GOMAXPROCS": "2"})
        wait_until("Prometheus", self.is_ready)

    def is_ready(self):
        assert self.child.poll() is None, f"Prometheus ended: {self.log()[-2000:]}"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def api(self, call, **parameters):
        """The data of an answer; an error is the test's end."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{call}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=DEADLINE_S) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error

    def query(self, expression):
        """(labels, number) each."""
        result = self.api("query", query=expression)
        if result["resultType"] == "scalar":
            return [({}, float(result["result"][1]))]
        return [(one["metric"], float(one["value"][1])) for one in result["result"]]


class Load(threading.Thread):
    """Asks a server for these paths, one after the other on one connection, until it is ended."""

    def __init__(self, port, paths, after_each=None):
        super().__init__(daemon=True)
        self.port, self.paths, self.after_each = port, paths, after_each
        self.ended = threading.Event()
        self.start()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        try:
            while not self.ended.is_set():
                for path in self.paths:
                    connection.request("GET", path)
                    connection.getresponse().read()
                if self.after_each:
                    self.after_each()
                # A round of load, and not as much as the machine can give.
                self.ended.wait(0.1)
        except (OSError, http.client.HTTPException):
            if not self.ended.is_set():
                raise
        finally:
            connection.close()

    def end(self):
        self.ended.set()
        self.join(DEADLINE_S)
