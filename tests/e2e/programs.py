"""The programs of a test in Python, each as an object: started ready, asked with a deadline, ended and gone."""
import json
import os
import re
import selectors
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("VALKYRIA_BUILD_DIR", ROOT / "build"))
SOON_SECONDS = 30.0

# Nothing here goes through a proxy.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Late(Exception):
    """A condition did not come true in time."""


def wait_until(condition, what, seconds=SOON_SECONDS):
    """What the condition gives once that is true."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Late(f"not within {seconds} s: {what}")
        time.sleep(0.02)  # between two looks


def fetch(url, seconds=10.0):
    """Status and body; status 0 and the reason where nobody answers."""
    try:
        with _opener.open(url, timeout=seconds) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except (OSError, ValueError) as error:
        return 0, str(error)


def free_port():
    """One that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Program:
    """A child that dies with us. Its stdout and stderr go to files."""

    def __init__(self, arguments, directory, name, environment=None, prepare=None, with_input=False):
        self.log = Path(directory) / f"{name}.log"
        self.name = name
        with open(self.log, "ab") as log:
            self.start_of_log = log.tell()
            self.child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *map(str, arguments)],
                stdin=subprocess.PIPE if with_input else subprocess.DEVNULL,
                stdout=subprocess.PIPE if with_input else log,
                stderr=log,
                env={**os.environ, **(environment or {})},
                preexec_fn=prepare,
            )

    @property
    def pid(self):
        return self.child.pid

    def text(self):
        with open(self.log, "rb") as log:
            log.seek(self.start_of_log)
            return log.read().decode(errors="replace")

    def is_running(self):
        return self.child.poll() is None

    def end(self, number=signal.SIGTERM, seconds=SOON_SECONDS):
        """Its exit status. One that does not end is killed, and that is a failure."""
        if self.is_running():
            self.child.send_signal(number)
        try:
            status = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise Late(f"{self.name} (pid {self.pid}) does not end: {self.text()[-2000:]}") from None
        for stream in (self.child.stdin, self.child.stdout):
            if stream:
                stream.close()
        return status


class Minivalk(Program):
    """The stand-in runtime, which tells its own truth."""

    def __init__(self, program, directory, name, arguments=(), environment=None, prepare=None):
        super().__init__([program, *arguments], directory, name, environment, prepare, with_input=True)
        self.rest = b""
        ready = json.loads(self.read_line())
        # A wrapper may have made it a child of its own.
        self.runtime_pid = ready["pid"]
        self.ports = [server["port"] for server in ready["servers"]]

    def read_line(self):
        stdout = self.child.stdout.fileno()
        end = time.monotonic() + SOON_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while b"\n" not in self.rest:
                if not selector.select(max(0.0, end - time.monotonic())):
                    raise Late(f"{self.name} (pid {self.pid}) says nothing; its log: {self.text()[-2000:]}")
                piece = os.read(stdout, 1 << 16)
                if not piece:
                    raise Late(f"{self.name} (pid {self.pid}) has ended; its log: {self.text()[-2000:]}")
                self.rest += piece
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode()

    def command(self, text):
        self.child.stdin.write(text.encode() + b"\n")
        self.child.stdin.flush()
        return self.read_line()

    def truth(self):
        """{(name, labels as sorted pairs): value}"""
        return {
            (one["name"], tuple(sorted(one["labels"].items()))): one["value"]
            for one in json.loads(self.command("truth"))["metrics"]
        }

    def request(self, path="/", count=1):
        """How many were answered."""
        return sum(fetch(f"http://127.0.0.1:{self.ports[0]}{path}")[0] != 0 for _ in range(count))


class Exporter(Program):
    """Without a budget, since short tests on a busy machine would exceed it."""

    def __init__(self, arguments, directory, name="exporter", address="127.0.0.1:0"):
        super().__init__(
            [BUILD / "bin/valkyria_exporter", *arguments, "--web.listen-address", address, "--overhead.max", "off"],
            directory,
            name,
        )
        self.url = wait_until(self._served_url, f"{self.name} serves")

    def _served_url(self):
        if not self.is_running():
            raise Late(f"the exporter has ended: {self.text()[-2000:]}")
        found = re.search(r"serving on (http://127\.0\.0\.1:\d+)/", self.text())
        return found and found[1]

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    def metrics(self):
        """{(name, labels as sorted pairs): value}"""
        status, body = fetch(self.url + "/metrics")
        assert status == 200, (status, body[:500])
        return parse_text(body)

    def names(self):
        """{pid: name} of those that are up."""
        metrics = self.metrics()
        up = {dict(labels).get("process", "") for (name, labels), value in metrics.items() if name == "valkyria_up" and value == 1}
        infos = (dict(labels) for name, labels in metrics if name == "valkyria_process_info")
        return {int(info["pid"]): info.get("process", "") for info in infos if info.get("process", "") in up}


class Prometheus(Program):
    """Debian's, with its data below the directory."""

    program = BUILD / "prometheus/usr/bin/prometheus"

    def __init__(self, configuration, directory, name="prometheus"):
        configured = Path(directory) / f"{name}.yml"
        configured.write_text(configuration)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(
            [
                self.program,
                f"--config.file={configured}",
                f"--storage.tsdb.path={Path(directory) / name}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            directory,
            name,
        )
        wait_until(lambda: fetch(self.url + "/-/ready")[0] == 200, "Prometheus is ready")

    def query(self, expression, at=None):
        """[(labels, value)]"""
        parameters = {"query": expression, **({"time": at} if at is not None else {})}
        status, body = fetch(f"{self.url}/api/v1/query?{urllib.parse.urlencode(parameters)}")
        assert status == 200, (expression, status, body)
        result = json.loads(body)["data"]["result"]
        return [(one["metric"], float(one["value"][1])) for one in result]

    def points(self, selector):
        """The values of the one series, in the order of time. `selector` ends with a range."""
        status, body = fetch(f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': selector})}")
        assert status == 200, (selector, status, body)
        (series,) = json.loads(body)["data"]["result"]
        return [float(value) for _, value in series["values"]]


_LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPES = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}


def parse_text(text):
    """The samples of an exposition in text format, whole, or it fails."""
    samples = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        found = _LINE.match(line)
        assert found, f"not a sample: {line}"
        labels = tuple(sorted((name, re.sub(r"\\.", lambda one: _ESCAPES[one[0]], value)) for name, value in _LABEL.findall(found[2] or "")))
        assert (found[1], labels) not in samples, f"twice: {line}"
        samples[found[1], labels] = float(found[3])
    return samples


def skip_unless_it_runs_here(*programs):
    """Where the kernel or a program is missing, a skip; in CI that is a failure."""
    missing = [str(one) for one in programs if not Path(one).exists()]
    reason = f"missing: {', '.join(missing)}" if missing else "needs root" if os.geteuid() != 0 else ""
    if reason:
        print(f"skipped: {reason}")
        raise SystemExit(1 if os.environ.get("CI") else 77)
