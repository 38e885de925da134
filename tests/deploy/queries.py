"""Every PromQL expression that the project gives to its users, and where it stands."""
import json
import re

import yaml

from places import DEPLOY, PROMETHEUS_FILES, ROOT


def rules(kind):
    """kind: recording or alerts."""
    groups = yaml.safe_load((PROMETHEUS_FILES / f"{kind}.rules.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels(dashboard):
    """Those that show something, also in folded rows."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def of_dashboard():
    dashboard = json.loads((DEPLOY / "grafana" / "valkyria.json").read_text(encoding="utf-8"))
    for panel in panels(dashboard):
        for target in panel["targets"]:
            yield f"the dashboard, {panel['title']}", target["expr"]
    for annotation in dashboard["annotations"]["list"]:
        yield f"the dashboard, {annotation['name']}", annotation["expr"]


def of_page(name):
    """A line each, or an expression over several lines of which all but the first are indented. Comments tell the rest."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    for block in re.findall(r"^```promql\n(.*?)^```", text, re.M | re.S):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        for expression in re.split(r"\n(?! )", "\n".join(lines)):
            if expression:
                yield f"docs/{name}", " ".join(expression.split())


def all_queries():
    for rule in rules("recording"):
        yield rule["record"], rule["expr"]
    for rule in rules("alerts"):
        yield rule["alert"], rule["expr"]
    yield from of_dashboard()
    yield from of_page("queries.md")


def for_prometheus(expression, instance=".*"):
    """As Grafana would ask, with this exporter and all of each other variable chosen."""
    for variable, value in {"$__rate_interval": "1m", "$__range": "1h", "$instance": instance}.items():
        expression = expression.replace(variable, value)
    return re.sub(r"\$(job|process|system|port|client)\b", ".*", expression)
