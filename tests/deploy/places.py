"""Where the tests of tools/deploy find what they need."""
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "tools" / "deploy"
PROMETHEUS_FILES = DEPLOY / "prometheus"
# Where tools/install_packages --with-prometheus puts them.
PROGRAMS = ROOT / "build" / "prometheus" / "usr" / "bin"


def promtool():
    return str(PROGRAMS / "promtool")


def prometheus():
    return str(PROGRAMS / "prometheus")


def needs_prometheus():
    if not Path(promtool()).exists():
        print(f"there is no {promtool()}; run tools/install_packages --with-prometheus")
        sys.exit(1 if os.environ.get("CI") else 77)
