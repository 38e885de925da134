#!/usr/bin/python3
"""Holds the rules in tools/deploy/prometheus against promtool: each alert fires on its fault, and none on a healthy process.

usage: tests/deploy/rules_test.py [--write DIR]    --write: leaves promtool's test files there, to run them by hand
77: there is no promtool (tools/install_packages --with-prometheus), which in CI is a failure
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

import queries
from places import PROMETHEUS_FILES, PROMTOOL, needs_prometheus
from rule_scenarios import FAULTS, HEALTHY, STEP_S, healthy

RULES = [PROMETHEUS_FILES / "recording.rules.yml", PROMETHEUS_FILES / "alerts.rules.yml"]


def group_names():
    """Recording first: what alerts judge is of the same moment then."""
    return [group["name"] for path in RULES for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]]


def expanded(template, labels, value):
    text = re.sub(r"{{ \$labels\.(\w+) }}", lambda match: labels.get(match[1], ""), template)
    return re.sub(r"{{ \$value[^}]*}}", value, text)


def expected(rule, labels, value):
    annotations = {key: expanded(text, labels, value) for key, text in rule["annotations"].items()}
    return {"exp_labels": {**labels, **rule["labels"]}, "exp_annotations": annotations}


def samples(value, minutes):
    values = [value(second) for second in range(0, minutes * 60 + 1, STEP_S)]
    # promtool's sign of a scrape that was missed.
    return " ".join("_" if number is None else f"{number:.6f}" for number in values)


def promtool_test(scenario, rules):
    of = healthy()
    if scenario.rewrite:
        of = scenario.rewrite(of)
    unknown = set(scenario.change) - set(of)
    assert not unknown, f"{scenario.name}: no such series: {unknown}"
    of = {**of, **scenario.change}
    fires = {name: [expected(rules[alert], labels, value) for alert, labels, value in scenario.fires if alert == name] for name in rules}
    return {
        "name": scenario.name,
        "interval": f"{STEP_S}s",
        "input_series": [{"series": name, "values": samples(value, scenario.minutes)} for name, value in of.items()],
        # All of them: what must not fire is half of it.
        "alert_rule_test": [{"eval_time": f"{scenario.minutes}m", "alertname": name, "exp_alerts": alerts} for name, alerts in fires.items()],
    }


def check_that_all_are_tried(rules):
    fired = {alert for scenario in FAULTS for alert, _, _ in scenario.fires}
    assert fired == set(rules), f"no fault fires these, or these are no alerts: {fired ^ set(rules)}"
    assert not any(scenario.fires for scenario in HEALTHY)


def run(*arguments):
    result = subprocess.run([PROMTOOL, *map(str, arguments)], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        print(result.stdout + result.stderr)
        sys.exit(f"promtool {' '.join(map(str, arguments[:2]))} failed")


def main():
    needs_prometheus()
    rules = {rule["alert"]: rule for rule in queries.rules("alerts")}
    check_that_all_are_tried(rules)
    run("check", "rules", *RULES)
    run("check", "config", "--syntax-only", PROMETHEUS_FILES / "prometheus.yml")
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(sys.argv[2]) if sys.argv[1:2] == ["--write"] else Path(temporary)
        file = directory / "valkyria.test.yml"
        # JSON is YAML, too.
        file.write_text(json.dumps({
            "rule_files": [str(path) for path in RULES],
            "group_eval_order": group_names(),
            "evaluation_interval": f"{STEP_S}s",
            "tests": [promtool_test(scenario, rules) for scenario in HEALTHY + FAULTS],
        }, indent=1), encoding="utf-8")
        run("test", "rules", file)
    print(f"{len(rules)} alerts fire on {len(FAULTS)} faults, and none on {len(HEALTHY)} healthy processes")


main()
