"""Where the tests of tools/deploy find what they need."""
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "tools" / "deploy"
PROMETHEUS_FILES = DEPLOY / "prometheus"

sys.path.insert(0, str(ROOT / "tests/support"))
from prometheus import PROMTOOL  # noqa: E402


def needs_prometheus():
    """Ends the test as skipped where there is no Prometheus; in CI as failed."""
    if not os.access(PROMTOOL, os.X_OK):
        print(f"there is no {PROMTOOL}; run tools/install_packages --with-prometheus")
        sys.exit(1 if os.environ.get("CI") else 77)
