#!/usr/bin/env python3
"""docs/threat-model.md: each claim names tests, and these are there."""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "threat-model.md"
# No claims: what is meant to be protected, not how.
AIMS = "What is to be protected"


def tests_that_are_there():
    found = set()
    for file in (ROOT / "tests").rglob("*.cpp"):
        text = file.read_text(encoding="utf-8")
        found.update(
            f"{suite}.{name}"
            for suite, name in re.findall(r"^TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", text, re.M)
        )
    return found


def claims():
    section = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("- ") and section != AIMS:
            yield line, re.findall(r"`(\w+\.\w+)`", line)


class ThreatModel(unittest.TestCase):
    def test_each_claim_names_a_test(self):
        bare = [line for line, tests in claims() if not tests]
        self.assertEqual(bare, [])

    def test_the_tests_are_there(self):
        there = tests_that_are_there()
        missing = {test for _, tests in claims() for test in tests} - there
        self.assertEqual(missing, set())

    def test_there_are_claims(self):
        self.assertGreater(len(list(claims())), 20)


if __name__ == "__main__":
    unittest.main()
