#!/usr/bin/python3
"""Some minutes in the life of a host: services that are restarted, killed, upgraded and forked at random, containers
of one image among them, and the exporter restarted, too. At the end each process's numbers must be its truth, under
the name that the table of services foretells, and the exporter must have no more of anything than before.

usage: tests/e2e/storm.py [--seconds 300] [--seed 42]      77: it can't run here, which in CI is a failure
"""
import argparse
import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from services import BIN_DIR, BUILDS, Host, skip_unless_it_runs_here
from programs import Exporter, wait_until  # services.py says where it is

# What a runtime counts, and what therefore does not hang on when we attached.
COUNTERS = ("http_requests_total", "valk_gc_cycles_total", "valk_eval_total", "http_bytes_sent_total", "valk_gc_reclaimed_bytes_total")
# Between two states with the same processes; threads of a pool or a cache may come late, once. The history of ten
# minutes keeps each port that a server had, up to 64 a process.
ALLOWED_FDS, ALLOWED_THREADS, ALLOWED_RSS_KIB = 8, 2, 24 * 1024


class Use:
    """What the exporter has of this and that."""

    def __init__(self, exporter):
        process = Path("/proc") / str(exporter.pid)
        self.fds = len(list((process / "fd").iterdir()))
        self.threads = len(list((process / "task").iterdir()))
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        self.rss_kib = int(status["VmRSS"].split()[0])
        self.series = len(exporter.metrics())
        self.links, self.maps = count_bpf("link"), count_bpf("map")

    def __str__(self):
        return f"{self.fds} descriptors, {self.threads} threads, {self.links} links, {self.maps} maps, {self.rss_kib} KiB, {self.series} series"


def count_bpf(kind):
    """Of the whole machine: nobody else may use BPF beside this."""
    shown = subprocess.run(["bpftool", kind, "show"], capture_output=True, text=True, check=True).stdout
    return sum(line[:1].isdigit() for line in shown.splitlines())


class Storm:
    def __init__(self, directory, seed):
        self.directory = Path(directory)
        self.dice = random.Random(seed)
        self.host = Host(directory)
        self.done = collections.Counter()
        self.exporter = None

    # No --pid, and everybody who is recognised: as on a host. Its own cache, which remembers names.
    def start_exporter(self):
        self.exporter = Exporter(BIN_DIR, "--cache-dir", self.directory / "cache", "--overhead.max", "off")

    def restart_exporter(self):
        number = signal.SIGKILL if self.dice.random() < 0.3 else signal.SIGTERM
        self.exporter.stop(number)
        assert self.exporter.process.returncode in (0, -number), self.exporter.process.returncode
        self.start_exporter()

    def alike(self, service):
        return [one for one in self.host.services if one.program == service.program]

    # One instance of several is down at a time, and the next only once the one before has been seen again: as in a
    # rolling restart. Who is who of two that are new at once, nobody could tell.
    def restart(self, service, upgrade=None):
        if len(self.alike(service)) > 1:
            self.await_names(self.alike(service))
        service.stop(signal.SIGKILL if self.dice.random() < 0.4 else signal.SIGTERM)
        if upgrade:
            upgrade()
        service.start()

    def upgrade_in_place(self, service):
        if len(self.alike(service)) > 1:  # the others run the file
            return self.restart(service)
        return self.restart(service, service.upgrade_in_place)

    def pass_by(self):
        """Somebody who is nobody's target comes and goes, one of them as a short-lived runtime."""
        subprocess.run([self.dice.choice(BUILDS), "--help"], stdout=subprocess.DEVNULL, check=True)
        subprocess.run(["sh", "-c", "(:) & (:) & wait"], check=True)

    def fork(self, service):
        """Only of one that nobody is like, and once in a life: its child has the first number."""
        is_named_so = service.expected == service.program.name or service.environment.keys() - {"LD_PRELOAD"}
        if is_named_so and len(self.alike(service)) == 1 and not hasattr(service.runtime, "forked"):
            service.runtime.forked = True
            service.fork()

    def step(self):
        service = self.dice.choice(self.host.services)
        actions = {
            "work": (8, lambda: service.work(self.dice)),
            "restart": (3, lambda: self.restart(service)),
            "rename": (2, lambda: self.restart(service, service.upgrade_by_rename)),
            "in place": (1, lambda: self.upgrade_in_place(service)),
            "fork": (1, lambda: self.fork(service)),
            "pass by": (1, self.pass_by),
            "exporter": (1, self.restart_exporter),
        }
        name = self.dice.choices(list(actions), [weight for weight, _ in actions.values()])[0]
        actions[name][1]()
        self.done[name] += 1

    def await_names(self, services):
        """{pid: name} as told, once these have the names that were foretold."""

        def names_if_right():
            names = self.exporter.names()
            return all(names.get(one.runtime.pid) == one.expected for one in services) and names

        try:
            return wait_until(names_if_right, "everybody has the name that was foretold")
        except TimeoutError:
            names = self.exporter.names()
            table = [(one.expected, names.get(one.runtime.pid)) for one in services]
            raise TimeoutError(f"(foretold, told): {table}; {self.exporter.output()[-3000:]}") from None

    def numbers_are_true(self, service):
        before = service.runtime.truth()
        told = self.exporter.metrics()
        wrong = {}
        for (name, labels), value in before.items():
            if name not in COUNTERS:
                continue
            there = told.get((name, tuple(sorted((*labels, ("process", service.expected))))))
            # Telling the truth costs nothing of these, so it is the same before and after.
            if there != value:
                wrong[name, labels] = (there, value)
        return wrong

    def is_ours(self, pid):
        """Others' runtimes may run on the machine."""
        try:
            return Path(os.readlink(f"/proc/{pid}/exe")).name in {one.program.name for one in self.host.services}
        except OSError:
            return False

    def check(self):
        names = self.await_names(self.host.services)
        children = {f"{one.expected}-2" for one in self.host.services if hasattr(one.runtime, "forked")}
        ours = {name for pid, name in names.items() if self.is_ours(pid)}
        extra = ours - {one.expected for one in self.host.services} - children
        assert not extra, f"nobody foretold {extra}"
        for service in self.host.services:
            wait_until(lambda one=service: not self.numbers_are_true(one), f"{service.expected} tells its truth", 10)
        return len(self.host.services)

    def settle(self):
        """Everybody anew, so that nothing of the storm is shown any more but the ten minutes of those that ended."""
        for service in self.host.services:
            self.restart(service)
        self.check()

    def run(self, seconds):
        self.host.start()
        self.start_exporter()
        self.check()
        before = Use(self.exporter)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.step()
        checked = self.check()
        self.settle()
        # The last exporter may be young. It lives through a second storm, in which it is left alone.
        steady = Use(self.exporter)
        calm_end = time.monotonic() + min(seconds / 4, 60)
        while time.monotonic() < calm_end:
            self.restart(self.dice.choice(self.host.services))
            self.done["restart"] += 1
        self.settle()
        after = Use(self.exporter)
        print(f"{checked} processes had their truth under their names after {dict(self.done)}")
        print(f"before the storm: {before}\nafter it:         {steady}\nand a last one:   {after}")
        for first, then in ((before, after), (steady, after)):
            assert then.fds <= first.fds + ALLOWED_FDS, "descriptors leak"
            assert then.threads <= first.threads + ALLOWED_THREADS, "threads leak"
            assert then.links <= first.links + 2 and then.maps <= first.maps + 2, "links or maps leak"
            assert then.rss_kib <= first.rss_kib + ALLOWED_RSS_KIB, "memory leaks"
            assert then.series <= first.series * 1.1, "series pile up"

    def end(self):
        if self.exporter and self.exporter.is_running():
            self.exporter.stop()
        self.host.end()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    skip_unless_it_runs_here(shutil.which("bpftool") or "/usr/sbin/bpftool")
    with tempfile.TemporaryDirectory(prefix="valkyria-storm-") as directory:
        storm = Storm(directory, options.seed)
        try:
            storm.host.fill()
            storm.run(options.seconds)
        finally:
            storm.end()
    print("passed")


if __name__ == "__main__":
    sys.exit(main())
