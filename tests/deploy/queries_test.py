#!/usr/bin/env python3
"""Runs every query that we give to our users against a real Prometheus that scrapes a runtime under load.

usage: tests/deploy/queries_test.py BIN_DIR    77: there is no Prometheus, which in CI is a failure

Healthy, each of them answers with numbers, and no alert's expression with anything. Then faults are made, and the alerts
about them answer.
"""
import math
import shutil
import sys
import tempfile
import time
from pathlib import Path

import queries
from places import needs_prometheus
from world import Exporter, Load, Prometheus, Runtime, wait_until

SCRAPES = 15
HEALTHY = ["/", "/fib?n=10", "/alloc?kb=256", "/slow?ms=5", "/status/404", "/client?name=redis-cache&ops=20", "/client?name=db&ops=5"]

# Nothing to answer with where all is well, or where the runtime is minivalk.
MAY_BE_EMPTY = {
    "the dashboard, Restarts": "nothing restarts",
    "the dashboard, Exporter restarts": "nothing restarts",
    "valkyria:http_request_errors:ratio_rate3d": "recorded each five minutes",
}
# minivalk's clients fail on purpose, some in a hundred of their operations.
TRUE_OF_MINIVALK = {"ValkyriaClientFails"}
# A busy machine can make these true of a process that is well. All but the first three have a `for` that is longer than the test.
HANG_ON_THE_MACHINE = {
    "ValkyriaGcPauseLong": "valkyria:gc_pauses_over_50ms:count",
    "ValkyriaTimeToSafepointLong": "valkyria:gc_safepoints_over_50ms:count",
    "ValkyriaLoopStalls": "valkyria:loop_stalls_over_250ms:count",
    "ValkyriaLatencyHigh": None,
    "ValkyriaLoopSaturated": None,
    "ValkyriaScrapeSlow": None,
    "ValkyriaGcPauseShareHigh": None,
    "ValkyriaGcPauseShareCritical": None,
    "ValkyriaProbeOverheadHigh": None,
}

faults = []


def check(true, text):
    if not true:
        faults.append(text)


def numbers(prometheus, expression):
    return [number for _, number in prometheus.query(queries.for_prometheus(expression)) if not math.isnan(number)]


def check_answers(prometheus):
    asked = 0
    alerts = {rule["alert"] for rule in queries.rules("alerts")}
    for source, expression in queries.all_queries():
        found = numbers(prometheus, expression)
        asked += 1
        if source not in alerts and source not in MAY_BE_EMPTY:
            check(found, f"{source}: nothing but NaN, or no answer: {expression}")
            check(all(math.isfinite(number) for number in found), f"{source}: infinite: {expression}")
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
    wait_until(f"{name} to be true", lambda: prometheus.query(rule["expr"]))


def make_faults(prometheus, runtime):
    failing = Load(runtime.ports[0], ["/status/500"] * 5 + ["/stall?ms=300"])
    # More at a time than there are arenas.
    crowd = [Load(runtime.ports[0], ["/slow?ms=200"]) for _ in range(12)]
    for name in ("ValkyriaErrorBudgetBurnFast", "ValkyriaLoopStalls", "ValkyriaOverloaded", "ValkyriaPoolOverflows"):
        await_alert(prometheus, name)
    for load in [failing, *crowd]:
        load.end()
    # Now it ends, as far as the exporter can know for no reason.
    runtime.end()
    await_alert(prometheus, "ValkyriaTargetDown")


def main():
    needs_prometheus()
    bin_dir = Path(sys.argv[1])
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="valkyria-test-") as directory:
        program = shutil.copy(bin_dir / "minivalk", directory)
        runtime = Runtime(directory, program, "--servers", "2", "--systems", "main,background", "--arenas", "8")
        exporter = Exporter(directory, bin_dir / "valkyria_exporter", "--exe", program)
        prometheus = Prometheus(directory, exporter.port)
        loads = [Load(runtime.ports[0], HEALTHY, runtime.collect), Load(runtime.ports[1], HEALTHY)]
        try:
            # The last scrapes, and rules that went by them, in order: each query has to do with at least so many.
            wait_until("scrapes", lambda: numbers(prometheus, f"count_over_time(valkyria:gc_pauses_over_50ms:count[5m]) >= {SCRAPES}"))
            asked = check_answers(prometheus)
            check_that_nothing_fires(prometheus)
            check_rules(prometheus)
            for load in loads:
                load.end()
            make_faults(prometheus, runtime)
        finally:
            for load in loads:
                load.ended.set()
            for process in (runtime, exporter, prometheus):
                process.end()
    for fault in faults:
        print(fault)
    print(f"{asked} queries, {len(faults)} faults, {time.monotonic() - begun:.0f} s")
    sys.exit(1 if faults else 0)


main()
