"""A real Prometheus, as tools/install_packages --with-prometheus leaves it."""
import json
import urllib.error
import urllib.parse

from programs import PATIENCE_S, ROOT, Server, get_json

PROMETHEUS = ROOT / "build/prometheus/usr/bin/prometheus"
PROMTOOL = ROOT / "build/prometheus/usr/bin/promtool"


class Prometheus(Server):
    """Scrapes as `configuration` says, a dictionary, and keeps what it finds in `directory`."""

    def __init__(self, directory, configuration):
        configured = directory / "prometheus.yml"
        # JSON is YAML.
        configured.write_text(json.dumps(configuration), encoding="utf-8")
        super().__init__(
            lambda port: [
                PROMETHEUS,
                f"--config.file={configured}",
                f"--storage.tsdb.path={directory / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=warn",
            ],
            "/-/ready",
        )

    def api(self, call, **parameters):
        """The data of an answer; an error is the test's end."""
        try:
            return get_json(f"{self.url}/api/v1/{call}?{urllib.parse.urlencode(parameters)}", 2 * PATIENCE_S)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error

    def query(self, expression):
        """Instant values: a list of (labels, number)."""
        answer = self.api("query", query=expression)
        if answer["resultType"] == "scalar":
            return [({}, float(answer["result"][1]))]
        return [(one["metric"], float(one["value"][1])) for one in answer["result"]]

    def points(self, selector):
        """The values of the one series, in the order of time. `selector` ends with a range."""
        (series,) = self.api("query", query=selector)["result"]
        return [float(value) for _, value in series["values"]]
