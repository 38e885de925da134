#!/usr/bin/env python3
"""The units of systemd can be read, shut in what they run, and agree with what the manual says."""
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "packaging" / "systemd"
# Of 10: 4.9 and less is "OK". What is left is what watching others takes.
MAX_EXPOSURE = 3.9


def values(unit, key):
    text = (UNITS / unit).read_text(encoding="utf-8")
    return " ".join(re.findall(rf"^{key}=(.*)$", text, re.M)).split()


@unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze here: install systemd")
class Analyzed(unittest.TestCase):
    def test_exposure(self):
        for unit in UNITS.glob("*.service"):
            report = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager",
                                     f"--threshold={int(MAX_EXPOSURE * 10)}", unit],
                                    capture_output=True, text=True)
            self.assertEqual(report.returncode, 0, report.stdout + report.stderr)

    def test_nothing_is_unknown(self):
        for unit in UNITS.iterdir():
            report = subprocess.run(["systemd-analyze", "verify", "--man=no", unit],
                                    capture_output=True, text=True)
            self.assertNotRegex(report.stderr, r"Unknown|ignoring|Failed to parse", unit.name)


class Units(unittest.TestCase):
    def test_both_services_are_shut_in_alike(self):
        own = {"Description", "EnvironmentFile", "ExecStart", "CacheDirectory"}
        kept = [[line for line in (UNITS / unit).read_text(encoding="utf-8").splitlines()
                 if line and line[0] != "#" and line.split("=")[0] not in own]
                for unit in ("valkyria-exporter.service", "valkyria-exporter@.service")]
        self.assertEqual(kept[0], kept[1])

    def test_capabilities_are_those_that_are_documented(self):
        page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
        for capability in values("valkyria-exporter.service", "CapabilityBoundingSet"):
            self.assertIn(f"`{capability}`", page)

    def test_maintainer_scripts_are_sound(self):
        for script in ("postinst", "prerm", "postrm"):
            file = ROOT / "packaging" / "debian" / script
            self.assertTrue(file.read_text(encoding="utf-8").startswith("#!/bin/sh\n"))
            subprocess.run(["sh", "-n", file], check=True)


if __name__ == "__main__":
    sys.exit(unittest.main())
