#!/usr/bin/python3
"""Holds the files of tools/deploy, and the pages about them, against each other and the catalogue of metrics."""
import json
import re
import subprocess
import unittest

import yaml

import queries
from places import DEPLOY, ROOT

DOCS = ROOT / "docs"
DASHBOARD = DEPLOY / "grafana" / "valkyria.json"
# Prometheus's own, about each scrape.
OF_PROMETHEUS = {"up", "scrape_duration_seconds", "scrape_samples_scraped"}
HISTOGRAM = ("_bucket", "_sum", "_count")


def catalogue():
    """Every name that a series of ours may have."""
    names = set()
    for name, kind in re.findall(r"^\| `(\w+)` \| (\w+) \|", (DOCS / "metrics.md").read_text(encoding="utf-8"), re.M):
        names |= {name + part for part in HISTOGRAM} if kind == "histogram" else {name}
    return names


def metric_names(query):
    """Of a query: what is no function, no word of the language, and no label."""
    for what in (r'"[^"]*"', r"\{[^}]*\}", r"\[[^]]*\]", r"\b(by|on|ignoring|group_left)\s*\([^)]*\)"):
        query = re.sub(what, "", query)
    names = {name for name, call in re.findall(r"([a-zA-Z_:][\w:]*)(\s*\()?", query) if not call}
    return names - {"and", "or", "unless", "by", "on", "e"}


class Files(unittest.TestCase):
    def test_the_dashboard_is_what_its_script_makes(self):
        subprocess.run([DEPLOY / "grafana" / "generate", "--check"], check=True)

    def test_every_metric_is_in_the_catalogue(self):
        known = catalogue() | OF_PROMETHEUS | {rule["record"] for rule in queries.rules("recording")}
        self.assertGreater(len(known), 100)
        for source, query in queries.all_queries():
            names = metric_names(query)
            self.assertTrue(names, query)
            self.assertLessEqual(names, known, f"{source}: {query}")

    def test_every_alert_has_its_place_in_the_docs(self):
        page = (DOCS / "alerts.md").read_text(encoding="utf-8")
        titles = re.findall(r"^### (\w+)$\n\n\*(\w+)\.\*", page, re.M)
        alerts = queries.rules("alerts")
        self.assertEqual(titles, [(rule["alert"], rule["labels"]["severity"]) for rule in alerts])
        for rule in alerts:
            self.assertEqual(set(rule["annotations"]), {"summary", "description", "runbook_url"})
            self.assertEqual(rule["annotations"]["runbook_url"], f"docs/alerts.md#{rule['alert'].lower()}")
        anchors = set(re.findall(r"\]\(#(\w+)\)", page))
        self.assertLessEqual(anchors, {title.lower() for title, _ in titles})

    def test_links_of_the_pages_lead_somewhere(self):
        for page in ("alerts.md", "queries.md", "kubernetes.md"):
            for link in re.findall(r"\]\(([^)#]+)", (DOCS / page).read_text(encoding="utf-8")):
                if "://" not in link:
                    self.assertTrue((DOCS / link).exists(), f"{page}: {link}")

    def test_recorded_names_say_what_they_are_of(self):
        for rule in queries.rules("recording"):
            self.assertRegex(rule["record"], r"^valkyria:[a-z0-9_]+:[a-z0-9_]+$")


class Dashboard(unittest.TestCase):
    def setUp(self):
        self.dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
        self.panels = list(queries.panels(self.dashboard))

    def test_it_finds_its_data_source_by_a_variable(self):
        names = [variable["name"] for variable in self.dashboard["templating"]["list"]]
        self.assertEqual(names, ["datasource", "job", "instance", "process", "system", "port", "client"])
        self.assertNotIn("__inputs", self.dashboard)
        self.assertNotIn("DS_PROMETHEUS", DASHBOARD.read_text(encoding="utf-8"))
        have_one = [*self.panels, *self.dashboard["annotations"]["list"], *self.dashboard["templating"]["list"][1:]]
        have_one += [target for panel in self.panels for target in panel["targets"]]
        for one in have_one:
            self.assertEqual(one["datasource"], {"type": "prometheus", "uid": "${datasource}"})

    def test_every_panel_says_what_it_shows_and_in_which_unit(self):
        for panel in self.panels:
            self.assertTrue(panel["description"], panel["title"])
            self.assertTrue(panel["fieldConfig"]["defaults"]["unit"], panel["title"])
            self.assertTrue(panel["targets"], panel["title"])

    def test_panels_have_places_and_numbers_of_their_own(self):
        everything = [*self.dashboard["panels"], *(panel for row in self.dashboard["panels"] for panel in row.get("panels", []))]
        ids = [panel["id"] for panel in everything]
        self.assertEqual(len(ids), len(set(ids)))
        taken = set()
        for panel in everything:
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], 24)
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(taken & cells, panel["title"])
            taken |= cells

    def test_rates_go_by_the_scrape_interval(self):
        for panel in self.panels:
            for target in panel["targets"]:
                for window in re.findall(r"\[([^]]*)\]", target["expr"]):
                    self.assertIn(window, ("$__rate_interval", "$__range"), target["expr"])

    def test_every_query_is_of_what_was_chosen(self):
        for panel in self.panels:
            for target in panel["targets"]:
                selectors = re.findall(r"\{([^}]*)\}", target["expr"])
                self.assertTrue(selectors, target["expr"])
                for selector in selectors:
                    self.assertTrue(selector.startswith('job=~"$job",instance=~"$instance"'), target["expr"])

    def test_it_leads_to_the_exporter(self):
        self.assertIn("/debug/", self.dashboard["links"][0]["url"])
        links = [link for panel in self.panels for link in panel["fieldConfig"]["defaults"].get("links", [])]
        self.assertTrue(links)
        self.assertTrue(all("/debug/" in link["url"] for link in links))


class Kubernetes(unittest.TestCase):
    def setUp(self):
        self.objects = [one for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
                        for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]
        [self.daemonset] = [one for one in self.objects if one["kind"] == "DaemonSet"]
        self.pod = self.daemonset["spec"]["template"]["spec"]
        [self.container] = self.pod["containers"]
        self.security = self.container["securityContext"]

    def test_every_object_is_named(self):
        for one in self.objects:
            self.assertTrue(one["apiVersion"] and one["kind"] and one["metadata"]["name"])

    def test_its_capabilities_are_those_that_the_readme_names(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        [paragraph] = [line for line in readme.splitlines() if line.startswith("It needs Linux 6.1 or later")]
        named = {name.removeprefix("CAP_") for name in re.findall(r"CAP_[A-Z_]+", paragraph)}
        self.assertEqual(self.security["capabilities"]["drop"], ["ALL"])
        self.assertEqual(set(self.security["capabilities"]["add"]), named)
        page = (DOCS / "kubernetes.md").read_text(encoding="utf-8")
        for name in self.security["capabilities"]["add"]:
            self.assertIn(f"`{name}`", page)

    def test_it_has_no_more_rights_than_it_needs(self):
        self.assertTrue(self.pod["hostPID"])
        self.assertFalse(self.pod.get("hostNetwork", False))
        self.assertFalse(self.pod["automountServiceAccountToken"])
        self.assertNotIn("privileged", self.security)
        self.assertFalse(self.security["allowPrivilegeEscalation"])
        self.assertTrue(self.security["readOnlyRootFilesystem"])
        self.assertIn("seccompProfile", self.security)
        self.assertFalse([volume for volume in self.pod["volumes"] if "hostPath" in volume])
        [account] = [one for one in self.objects if one["kind"] == "ServiceAccount"]
        self.assertFalse(account["automountServiceAccountToken"])
        self.assertFalse([one for one in self.objects if one["kind"] in ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")])

    def test_it_is_asked_where_it_answers(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        for probe in ("livenessProbe", "startupProbe"):
            path = self.container[probe]["httpGet"]["path"]
            self.assertIn(f"`{path}`", readme)
        self.assertEqual(self.container["readinessProbe"]["httpGet"]["path"], "/-/healthy")

    def test_it_has_limits(self):
        self.assertIn("memory", self.container["resources"]["limits"])
        self.assertEqual(set(self.container["resources"]["requests"]), {"cpu", "memory"})

    def test_the_monitor_finds_it(self):
        labels = self.daemonset["spec"]["template"]["metadata"]["labels"]
        self.assertLessEqual(self.daemonset["spec"]["selector"]["matchLabels"].items(), labels.items())
        [monitor] = [one for one in self.objects if one["kind"] == "PodMonitor"]
        self.assertLessEqual(monitor["spec"]["selector"]["matchLabels"].items(), labels.items())
        [endpoint] = monitor["spec"]["podMetricsEndpoints"]
        self.assertIn(endpoint["port"], [port["name"] for port in self.container["ports"]])
        # The rules know the job by this beginning.
        self.assertTrue(labels[monitor["spec"]["jobLabel"]].startswith("valkyria"))


if __name__ == "__main__":
    unittest.main()
