#!/usr/bin/python3
"""Runs every query that we give to our users against a real Prometheus that scrapes a runtime under load.

usage: tests/deploy/queries_test.py BIN_DIR    77: there is no Prometheus, which in CI is a failure

Healthy, each of them answers with numbers, and no alert's expression with anything. Then faults are made, and the alerts
about them answer.
"""
import math
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import queries
from load import Load
from places import PROMETHEUS_FILES, needs_prometheus
from programs import Exporter, Minivalk, wait_until  # places.py says where they are
from prometheus import Prometheus

SCRAPES = 15
DEADLINE_S = 60
HEALTHY = ["/", "/fib?n=10", "/alloc?kb=256", "/slow?ms=5", "/status/404", "/client?name=redis-cache&ops=20", "/client?name=db&ops=5"]

# Nothing to answer with where all is well, or where the runtime is minivalk.
MAY_BE_EMPTY = {
    "the dashboard, Restarts": "nothing restarts",
    "the dashboard, Exporter restarts": "nothing restarts",
}
# minivalk's clients fail on purpose, some in a hundred of their operations.
TRUE_OF_MINIVALK = {"ValkyriaClientFails"}
# A busy machine can make these true of a process that is well. All but the first three
# have a `for` that is longer than the test, and must not fire in it.
HANG_ON_THE_MACHINE = {
    "ValkyriaGcPauseLong": "valkyria:gc_pauses_over_50ms:count",
    "ValkyriaTimeToSafepointLong": "valkyria:gc_safepoints_over_50ms:count",
    "ValkyriaLoopStalls": "valkyria:loop_stalls_over_250ms:count",
    "ValkyriaLatencyHigh": None,
    "ValkyriaLoopSaturated": None,
    "ValkyriaScrapeSlow": None,
    "ValkyriaExporterDown": None,
    "ValkyriaCollectorFails": None,
    "ValkyriaGcPauseShareHigh": None,
    "ValkyriaGcPauseShareCritical": None,
    "ValkyriaProbeOverheadHigh": None,
}

faults = []


def check(true, text):
    if not true:
        faults.append(text)


def address_of(exporter):
    return f"127.0.0.1:{exporter.port}"


def numbers(prometheus, expression):
    return [number for _, number in prometheus.query(expression) if not math.isnan(number)]


def check_answer(prometheus, source, expression, has_numbers):
    found = numbers(prometheus, expression)
    if not has_numbers:
        return
    # A scrape that came late on a busy machine leaves a gap.
    try:
        found = found or wait_until(lambda: numbers(prometheus, expression), "an answer", seconds=5)
    except TimeoutError:
        check(False, f"{source}: nothing but NaN, or no answer: {expression}")
    check(all(math.isfinite(number) for number in found), f"{source}: infinite: {expression}")


def check_answers(prometheus, exporters):
    asked = 0
    alerts = {rule["alert"] for rule in queries.rules("alerts")}
    instances = [address_of(one) for one in exporters]
    for source, query in queries.all_queries():
        # What the dashboard asks, of each exporter by itself.
        for expression in sorted({queries.for_prometheus(query, instance) for instance in instances}):
            check_answer(prometheus, source, expression, source not in alerts and source not in MAY_BE_EMPTY)
            asked += 1
    return asked


def check_that_nothing_fires(prometheus):
    for rule in queries.rules("alerts"):
        name = rule["alert"]
        if name in TRUE_OF_MINIVALK:
            check(prometheus.query(rule["expr"]), f"{name} is not true of minivalk, some of whose operations fail")
        elif name not in HANG_ON_THE_MACHINE:
            found = prometheus.query(rule["expr"])
            check(not found, f"{name} is true of a healthy process: {found}")
    happened = {name for name, count in HANG_ON_THE_MACHINE.items() if count and any(number > 0 for _, number in prometheus.query(count))}
    firing = {labels["alertname"] for labels, _ in prometheus.query('ALERTS{alertstate="firing"}')} - happened
    check(not firing, f"these fire on a healthy process: {firing}")


def check_rules(prometheus):
    for group in prometheus.api("rules")["groups"]:
        for rule in group["rules"]:
            check(rule["health"] != "err", f"{rule['name']}: {rule.get('lastError')}")


def await_alert(prometheus, name):
    [rule] = [rule for rule in queries.rules("alerts") if rule["alert"] == name]
    wait_until(lambda: prometheus.query(rule["expr"]), f"{name} to be true", DEADLINE_S)


def make_faults(prometheus, runtime, exporters):
    failing = Load(runtime.ports[0], ["/status/500"] * 5 + ["/stall?ms=300"])
    # More at a time than there are arenas.
    crowd = [Load(runtime.ports[0], ["/slow?ms=200"]) for _ in range(12)]
    for name in ("ValkyriaErrorBudgetBurnFast", "ValkyriaLoopStalls", "ValkyriaOverloaded", "ValkyriaPoolOverflows"):
        await_alert(prometheus, name)
    for load in [failing, *crowd]:
        load.end()
    runtime.process.send_signal(signal.SIGSTOP)
    await_alert(prometheus, "ValkyriaTargetStandsStill")
    runtime.process.send_signal(signal.SIGCONT)
    runtime.stop(signal.SIGKILL)
    await_alert(prometheus, "ValkyriaTargetDown")
    for exporter in exporters:
        exporter.stop()
    await_alert(prometheus, "ValkyriaExporterDown")


def configuration(exporters):
    """Each exporter is scraped each second, and the rules are gone by each second."""
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(PROMETHEUS_FILES / name) for name in ("recording.rules.yml", "alerts.rules.yml")],
        "scrape_configs": [{"job_name": "valkyria", "static_configs": [{"targets": list(map(address_of, exporters))}]}],
    }


def main():
    needs_prometheus()
    bin_dir = Path(sys.argv[1])
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="valkyria-test-") as directory, ExitStack() as stack:
        program = shutil.copy(bin_dir / "minivalk", directory)
        runtime = stack.enter_context(Minivalk(directory, "--servers", "2", "--systems", "main,background", "--arenas", "8"))
        # Of the first, everything has the label process, and of the second nothing.
        exporters = [
            stack.enter_context(Exporter(bin_dir, *selection, "--overhead.max", "off"))
            for selection in (["--exe", program], ["--pid", str(runtime.pid)])
        ]
        prometheus = stack.enter_context(Prometheus(Path(directory), configuration(exporters)))
        loads = [Load(runtime.ports[0], HEALTHY, lambda: runtime.command("gc")), Load(runtime.ports[1], HEALTHY)]
        for load in loads:
            stack.callback(load.end)
        # The last scrapes, and rules that went by them, in order: each query has to do with at least so many.
        recorded = f"count_over_time(valkyria:gc_pauses_over_50ms:count[5m]) >= {SCRAPES}"
        wait_until(lambda: len(numbers(prometheus, recorded)) == len(exporters), "scrapes", DEADLINE_S)
        asked = check_answers(prometheus, exporters)
        check_that_nothing_fires(prometheus)
        check_rules(prometheus)
        for load in loads:
            load.end()
        make_faults(prometheus, runtime, exporters)
    for fault in faults:
        print(fault)
    print(f"{asked} queries, {len(faults)} faults, {time.monotonic() - begun:.0f} s")
    sys.exit(1 if faults else 0)


main()
