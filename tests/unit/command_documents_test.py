#!/usr/bin/env python3
"""The manual page and the completions have every option, and their readers understand them.

command_documents_test.py COMMAND_DOCUMENTS
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop()


def written(kind):
    return subprocess.run([PROGRAM, "--" + kind], check=True, capture_output=True, text=True).stdout


OPTIONS = [line.split("\t") for line in written("list").splitlines()]


def complete(*words):
    """What bash would offer for the last word."""
    script = written("bash") + 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ' \
        '_valkyria_exporter; printf "%s\\n" "${COMPREPLY[@]}"'
    got = subprocess.run(["bash", "-c", script, "bash", "valkyria_exporter", *words],
                         capture_output=True, text=True, check=True)
    # compopt complains where nobody completes.
    return got.stdout.split()


class CommandDocuments(unittest.TestCase):
    def test_there_are_options(self):
        self.assertIn(["valkyria_exporter", "--pid"], OPTIONS)
        self.assertIn(["dump", "--seconds"], OPTIONS)
        self.assertIn(["valkyria_exporter", "doctor"], OPTIONS)
        self.assertGreater(len(OPTIONS), 40)

    def test_hidden_commands_stay_hidden(self):
        for kind in ("man", "bash", "zsh", "fish", "list"):
            self.assertNotIn("confined", written(kind), kind)

    def test_manual_has_each_option(self):
        page = written("man").replace("\\-", "-")
        for command, name in OPTIONS:
            self.assertRegex(page, re.escape(name) + r"\b", command)

    def test_shells_have_each_option(self):
        for kind in ("bash", "zsh"):
            text = written(kind)
            for command, name in OPTIONS:
                self.assertRegex(text, re.escape(name) + r"(?![\w.-])", f"{kind}: {command}")
        fish = written("fish")
        for command, name in OPTIONS:
            word = f"-l {name[2:]}" if name.startswith("--") else \
                f"-s {name[1:]}" if name.startswith("-") else f"-a {name}"
            self.assertRegex(fish, re.escape(word) + r"(?![\w.-])", command)

    def test_manual_has_no_warnings(self):
        if not shutil.which("man"):
            self.skipTest("no man here: install man-db")
        with tempfile.NamedTemporaryFile("w", suffix=".1") as page:
            page.write(written("man"))
            page.flush()
            shown = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", page.name],
                                   capture_output=True, text=True, check=True,
                                   env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
        self.assertEqual(shown.stderr, "")
        self.assertIn("--web.listen-address", re.sub(r".\x08|\x1b\[[0-9;]*m", "", shown.stdout))

    def test_shells_can_read_them(self):
        for shell, kind in (("bash", "bash"), ("zsh", "zsh"), ("fish", "fish")):
            if not shutil.which(shell):
                continue
            read = subprocess.run([shell, "-n"], input=written(kind), capture_output=True, text=True)
            self.assertEqual((read.returncode, read.stderr), (0, ""), shell)

    def test_bash_offers_what_fits(self):
        self.assertEqual(complete("doc"), ["doctor"])
        self.assertIn("--web.listen-address", complete("--web."))
        self.assertIn("--web.listen-address", complete("serve", "--web."))
        self.assertEqual(complete("dump", "--sec"), ["--seconds"])
        self.assertEqual(complete("dump", "--format", ""), ["prometheus", "json"])
        self.assertIn("1", complete("--pid", ""))
        self.assertNotIn("--web.listen-address", complete("dump", "--"))


unittest.main()
