#!/usr/bin/python3
"""A real Prometheus scrapes through a rolling restart of three instances and two restarts of the exporter. What it then
says that the counters increased by must be what the instances say that happened, each under a name that stays.

usage: tests/e2e/rolling_test.py      77: it can't run here, which in CI is a failure
"""
import signal
import sys
import tempfile
import time
from pathlib import Path

from services import BIN_DIR, Service, skip_unless_it_runs_here
from programs import Exporter, free_port, wait_until  # services.py says where they are
from prometheus import PROMETHEUS, Prometheus

# What each life of an instance begins with happens before it is first scraped, and what its end takes along after it
# was last scraped; so it does what is counted in between, and is seen by a scrape before it goes on.
COUNTERS = {"http_requests_total": "server,status,process", "valk_gc_cycles_total": "process", "valk_eval_total": "process"}
INTERVAL = "250ms"


def configuration(port):
    return {
        "global": {"scrape_interval": INTERVAL, "scrape_timeout": INTERVAL},
        "scrape_configs": [{"job_name": "valkyria", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
    }


class Rolling:
    def __init__(self, directory):
        self.directory = Path(directory)
        program = self.directory / "rollvalk"
        # A port of its own each, since it is a label; none that tells one service from another.
        self.services = [
            Service(name, program, ["--base-port", str(free_port())])
            for name in ("rollvalk", "rollvalk-2", "rollvalk-3")
        ]
        self.port = free_port()
        self.exporter = self.prometheus = None
        # Of each name: counts of what happened in all lives, as their truths said.
        self.happened = {}

    def start_exporter(self):
        options = ["--cache-dir", self.directory / "cache", "--overhead.max", "off"]
        self.exporter = Exporter(BIN_DIR, *options, "--web.listen-address", f"127.0.0.1:{self.port}")

    def truth(self, service):
        sums = dict.fromkeys(COUNTERS, 0)
        for (name, _), value in service.runtime.truth().items():
            if name in sums:
                sums[name] += value
        return sums

    def await_scraped(self, service):
        """Until Prometheus has what the instance counts now."""
        truth = self.truth(service)

        def is_stored():
            return all(
                sum(value for _, value in self.prometheus.query(f'{name}{{process="{service.expected}"}}')) == count
                for name, count in truth.items()
            )

        wait_until(is_stored, f"Prometheus has {truth} of {service.expected}; {self.exporter.names()}")
        return truth

    def live(self, service, requests):
        """Something to count, between two scrapes that saw the instance."""
        first = self.await_scraped(service)
        for part in range(3):
            service.runtime.request(*["/fib?n=6"] * requests, "/status/500")
            service.runtime.command("gc")
            service.runtime.command("eval (fib 6)")
            self.await_scraped(service)
        last = self.await_scraped(service)
        of_it = self.happened.setdefault(service.expected, dict.fromkeys(COUNTERS, 0))
        # A counter that begins anew is taken by Prometheus as an increase from 0: that of the first scrape, too,
        # but for an instance's first life.
        is_first = not hasattr(service, "lives")
        service.lives = getattr(service, "lives", 0) + 1
        for name in COUNTERS:
            of_it[name] += last[name] - (first[name] if is_first else 0)

    def run(self):
        for service in self.services:
            service.start()
        self.start_exporter()
        began = time.time()
        self.prometheus = Prometheus(self.directory, configuration(self.port))
        for n, service in enumerate(self.services):
            self.live(service, 2 + n)
        for n, service in enumerate(self.services):
            service.stop(signal.SIGTERM)
            service.start()
            if n < 2:
                self.exporter.stop()
                assert self.exporter.process.returncode == 0, self.exporter.process.returncode
                self.start_exporter()
            self.live(service, 4 + n)
        return began

    def compare(self, began):
        """The sum of all steps between two scrapes, which is what increase() is before it stretches it to the window."""
        window = f"{int(time.time() - began) + 5}s"
        wrong, compared = [], 0
        for service in self.services:
            for name, count in self.happened[service.expected].items():
                told = 0.0
                for labels, _ in self.prometheus.query(f'{name}{{process="{service.expected}"}}'):
                    selector = ",".join(f'{key}="{value}"' for key, value in labels.items() if key != "__name__")
                    told += self.increase(f"{name}{{{selector}}}[{window}]")
                compared += 1
                if told != count:
                    wrong.append((service.expected, name, told, count))
        assert not wrong, f"(process, counter, told, happened): {wrong}"
        others = {labels["process"] for labels, _ in self.prometheus.query("count by (process) (last_over_time(valkyria_process_info[1h]))")}
        assert others == {one.expected for one in self.services}, others
        return compared

    def increase(self, selector):
        points = self.prometheus.points(selector)
        return sum(then - now if then >= now else then for now, then in zip(points, points[1:]))

    def end(self):
        for one in (self.prometheus, self.exporter):
            if one and one.is_running():
                one.stop()
        for service in self.services:
            service.stop(signal.SIGTERM)


def main():
    skip_unless_it_runs_here(PROMETHEUS)
    with tempfile.TemporaryDirectory(prefix="valkyria-rolling-") as directory:
        rolling = Rolling(directory)
        try:
            compared = rolling.compare(rolling.run())
        finally:
            rolling.end()
    print(f"{compared} counters: what Prometheus says that they increased by is what happened: {rolling.happened}")


if __name__ == "__main__":
    sys.exit(main())
