#!/usr/bin/python3
"""The arithmetic of docs/fleet.md, held against scrapes of a real exporter.

usage: tests/deploy/cardinality_test.py [--print] [BIN_DIR]      --print: tells what it counts
"""
import re
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from fleet import skip_without_root  # noqa: E402
from programs import Exporter, Minivalk, own_copy, wait_until  # noqa: E402
from prometheus_client.parser import text_string_to_metric_families  # noqa: E402

BIN_DIR = next((one for one in sys.argv[1:] if not one.startswith("-")), str(ROOT / "build/bin"))
# Everything that makes a series of its own: each class of statuses, a client, a stall, a collection.
PATHS = ["/", "/fib?n=8", "/status/302", "/status/404", "/status/500", "/slow?ms=5", "/stall?ms=2"]
CLIENTS = ["redis", "postgres", "mail"]
# Runtimes on a host: servers, systems, clients.
HOSTS = {"one runtime": [(1, 1, 0)], "three runtimes": [(1, 1, 1), (2, 2, 3), (4, 2, 2)]}
# What belongs to a label that a series has; the first that fits.
PART_BY_LABEL = {"server": "server", "client": "client", "system": "system", "process": "process"}


def documented():
    """Series of each part, by the table in docs/fleet.md."""
    text = (ROOT / "docs/fleet.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| for each (\w+)[^|]*\| (\d+) \|", text, re.M)
    assert len(rows) == 5, rows
    return {part: int(series) for part, series in rows}


def rules_of_agent():
    """What its metric_relabel_configs drop."""
    text = (ROOT / "tools/deploy/fleet/agent.yml").read_text(encoding="utf-8")
    return [re.compile(one) for one in re.findall(r'action: drop, source_labels: \[__name__\], regex: "(.+)" }', text)]


def counted(text):
    """Of a scrape: series of each part, after the agent's rules; and their names."""
    parts, names, dropped = Counter(), {}, rules_of_agent()
    assert len(dropped) == 2, dropped
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if any(rule.fullmatch(sample.name) for rule in dropped):
                continue
            part = next((part for label, part in PART_BY_LABEL.items() if label in sample.labels), "exporter")
            parts[part] += 1
            names.setdefault(part, Counter())[sample.name] += 1
    return parts, names


def begin(stack, runtimes):
    """Runtimes at work, watched by one exporter."""
    number = len(runtimes)
    running = []
    bin_dir = stack.enter_context(own_copy(Path(BIN_DIR, "minivalk")))
    for servers, systems, clients in runtimes:
        names = ",".join(["main", "background"][:systems])
        runtime = stack.enter_context(Minivalk(bin_dir, "--servers", str(servers), "--systems", names))
        running.append((runtime, clients))
    exporter = stack.enter_context(Exporter(BIN_DIR, "--exe", f"{bin_dir}/minivalk"))
    wait_until(lambda: exporter.text().count("\nvalk_gc_cycles_total{") == number, f"{number} runtimes are watched")
    for runtime, clients in running:
        runtime.request(*PATHS, *(f"/client?name={name}&ops=4" for name in CLIENTS[:clients]))
        runtime.command("gc")
        runtime.command("eval (fib 5)")
    return exporter


def check(name, runtimes, series, tell):
    with ExitStack() as stack:
        exporter = begin(stack, runtimes)
        parts, names = counted(exporter.text())
    there = Counter(exporter=1, process=len(runtimes))
    for servers, systems, clients in runtimes:
        there.update(server=servers, system=systems, client=clients)
    if tell:
        for part, number in parts.items():
            print(name, part, number, there[part], number / max(1, there[part]))
            print("   ", dict(names[part]))
        return
    for part, number in there.items():
        assert parts[part] <= series[part] * number, f"{name}: {parts[part]} of {number} {part}, the page says {series[part]} each"
    total = sum(series[part] * number for part, number in there.items())
    # The page says at most: of it, hardly anything may be missing where everything happens.
    assert sum(parts.values()) >= 0.85 * total, f"{name}: {sum(parts.values())} series, by the page {total}"
    print(f"{name}: {sum(parts.values())} series, by the page at most {total}")


def main():
    skip_without_root()
    tell = "--print" in sys.argv
    series = {} if tell else documented()
    for name, runtimes in HOSTS.items():
        check(name, runtimes, series, tell)
    return 0


sys.exit(main())
