"""One host's scrapes, as they were served while its runtimes worked."""
import random
import time
from contextlib import ExitStack
from pathlib import Path

from programs import Exporter, Minivalk, get, own_copy, wait_until
from prometheus_client.parser import text_string_to_metric_families

# As Prometheus asks.
SCRAPE_HEADERS = {
    "Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5",
    "Accept-Encoding": "gzip",
    "X-Prometheus-Scrape-Timeout-Seconds": "10",
}
LEFT_OUT_BY_AGENT = ("valkyria_exporter_probe_hits_total",)
# Servers and systems of the runtimes on a host, by turns.
RUNTIMES = [("--servers", "1"), ("--servers", "2", "--systems", "main,background")]
PATHS = ["/", "/fib?n=12", "/status/404", "/status/500", "/alloc?kb=128", "/client?name=redis&ops=4"]


class Recording:
    """What a host served, time after time.

    `texts`: its scrapes as bytes, as Prometheus gets them. `series`: name, labels and whether it
    only rises. `rows`: a number for each series, or None where it was not there yet.
    """

    def __init__(self):
        self.texts = []
        self.series = []
        self.rows = []
        self.places = {}

    def add(self, text, bytes_served):
        self.texts.append(bytes_served)
        row = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name.startswith(LEFT_OUT_BY_AGENT):
                    continue
                labels = tuple((name, value) for name, value in sorted(sample.labels.items()) if value)
                row[self.place(sample.name, labels, family.type)] = sample.value
        # What Prometheus adds to each scrape of a target.
        for name in ("up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling", "scrape_series_added"):
            row[self.place(name, (), "gauge")] = {"up": 1.0, "scrape_duration_seconds": 0.004}.get(name, float(len(row)))
        self.rows.append(row)

    def place(self, name, labels, kind):
        key = (name, labels)
        if key not in self.places:
            self.places[key] = len(self.series)
            self.series.append((name, labels, kind in ("counter", "histogram")))
        return self.places[key]

    def sequence(self, scrapes):
        """Numbers of each of so many scrapes, one for each series or None. Past the end of what was
        recorded the same steps come in another order each time, so that nothing repeats itself."""
        totals, dice = {}, random.Random(1)
        order = list(range(len(self.rows)))
        for number in range(scrapes):
            within = number % len(self.rows)
            if within == 0 and number > 0:
                dice.shuffle(order)
            row = self.rows[order[within]]
            before = self.rows[order[within] - 1] if order[within] > 0 else row if number > 0 else {}
            for place, value in row.items():
                rises = self.series[place][2]
                step = value - before.get(place, value if place in totals else 0)
                totals[place] = totals.get(place, 0) + step if rises else value
            yield [totals.get(place) for place in range(len(self.series))]


def record(bin_dir, processes, scrapes, pause_s):
    """`processes` runtimes at work, watched by one exporter that is scraped at a beat."""
    recording, dice = Recording(), random.Random(processes)
    with ExitStack() as stack:
        programs = stack.enter_context(own_copy(Path(bin_dir, "minivalk")))
        runtimes = [stack.enter_context(Minivalk(programs, *RUNTIMES[i % len(RUNTIMES)])) for i in range(processes)]
        exporter = stack.enter_context(Exporter(bin_dir, "--exe", f"{programs}/minivalk"))
        wait_for_all(exporter, processes)
        for number in range(scrapes):
            start = time.monotonic()
            for runtime in runtimes:
                runtime.request(*dice.choices(PATHS, k=dice.randint(1, 12)))
                if dice.random() < 0.5:
                    runtime.command("gc")
            served = get(f"http://127.0.0.1:{exporter.port}/metrics", SCRAPE_HEADERS)
            recording.add(exporter.text(), served)
            time.sleep(max(0, pause_s - (time.monotonic() - start)))
    return recording


def wait_for_all(exporter, processes):
    wait_until(lambda: exporter.text().count("\nvalkyria_up{") >= processes, f"all {processes} runtimes are watched")
