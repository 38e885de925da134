#!/usr/bin/python3
"""An agent that restarts while its database is away: vmagent keeps what waits, with our agent.yml.

usage: tests/deploy/fleet_restart_test.py      77: a program is missing, in CI a failure
       tests/deploy/fleet_restart_test.py --prometheus [--kill]      tells what Prometheus loses; by hand
"""
import gzip
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/support"), str(ROOT / "tools/fleet_support")]
import fleet  # noqa: E402
from agent_cost import Hosts, write_configuration  # noqa: E402
from programs import wait_until  # noqa: E402
from prometheus import PROMETHEUS  # noqa: E402

SCRAPE = gzip.compress(b"# TYPE some gauge\nsome 1\n# EOF\n")
SCRAPES_BEFORE, SCRAPES_AFTER = 6, 2
# What was in progress when the database or the agent ended; and a busy machine asks later than due.
MAX_LOST = 2
# For what waits on disk; it need not come in order.
PATIENCE_S = 20


def stored_times(database):
    database.flush()
    return [one for _, times, _ in database.raw('up{job="valkyria"}') for one in times]


def wait_for_scrapes(hosts, number):
    """That many more."""
    seen = len(hosts.asked_at)
    wait_until(lambda: len(hosts.asked_at) >= seen + number, f"{number} more scrapes")


def lost_by(begin_agent, directory, number):
    """Of the scrapes between the database's end and the agent's: how many are not stored, and of how many."""
    with ExitStack() as stack:
        hosts = stack.enter_context(Hosts([SCRAPE]))
        database = stack.enter_context(fleet.Database(directory / "database"))
        port, write_url = database.port, database.url + "/api/v1/write"
        config = write_configuration(directory, 1, hosts.server_port, write_url, 1)
        agent = stack.enter_context(begin_agent(config, write_url))
        wait_until(lambda: stored_times(database), "the first scrape is stored")

        database.stop()
        start = time.time()
        wait_for_scrapes(hosts, SCRAPES_BEFORE)
        stopped = time.time()
        agent.stop(number)
        agent = begin_agent(config, write_url)
        wait_for_scrapes(hosts, SCRAPES_AFTER)
        database = stack.enter_context(fleet.Database(directory / "database", port))
        stack.enter_context(agent)
        wait_until(lambda: max(stored_times(database)) > stopped, "what was scraped after the restart is stored")
        asked = sum(start < one < stopped for one in hosts.asked_at)

        def lost():
            return max(0, asked - sum(start < one < stopped for one in stored_times(database)))

        try:
            wait_until(lambda: lost() == 0, "what was scraped before is stored, too", seconds=PATIENCE_S)
        except TimeoutError:
            pass  # the caller judges
        hosts.shutdown()
        return lost(), asked


def main():
    fleet.skip_without_programs(PROMETHEUS, fleet.VICTORIA_METRICS, fleet.VMAGENT)
    with tempfile.TemporaryDirectory(prefix="valkyria-fleet-") as name:
        directory = Path(name)
        if "--prometheus" in sys.argv:
            number = signal.SIGKILL if "--kill" in sys.argv else signal.SIGTERM
            lost, asked = lost_by(lambda config, _: fleet.Agent(config, directory / "agent"), directory, number)
            print(f"Prometheus: {lost} of {asked} scrapes are lost")
            return 0
        lost, asked = lost_by(lambda config, url: fleet.KeepingAgent(config, directory / "queue", url), directory, signal.SIGTERM)
        print(f"vmagent: {lost} of {asked} scrapes are lost")
        return 0 if lost <= MAX_LOST else 1


sys.exit(main())
