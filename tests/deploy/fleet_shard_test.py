#!/usr/bin/python3
"""tools/deploy/fleet/shard: what it puts into agent.yml, and what it refuses."""
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

FLEET = Path(__file__).resolve().parents[2] / "tools/deploy/fleet"


def shard(*arguments, program=FLEET / "shard"):
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


class Shard(unittest.TestCase):
    def changed(self, *arguments):
        """The lines of agent.yml that it changes."""
        before = (FLEET / "agent.yml").read_text(encoding="utf-8").splitlines()
        after = shard(*arguments).stdout.splitlines()
        self.assertEqual(len(before), len(after))
        return {new.strip() for old, new in zip(before, after) if old != new}

    def test_is_the_file_itself_for_one_agent(self):
        self.assertEqual(self.changed("0", "1"), set())

    def test_gives_each_agent_its_part(self):
        self.assertEqual(
            self.changed("2", "4"),
            {
                "# Made for one shard of all hosts by tools/deploy/fleet/shard; as it stands, this is shard 2 of 4.",
                "- { action: hashmod, source_labels: [__address__], modulus: 4, target_label: __tmp_shard }",
                '- { action: keep, source_labels: [__tmp_shard], regex: "2" }',
                'static_configs: [{ targets: ["127.0.0.1:9090"], labels: { instance: agent-2 } }]',
            },
        )

    def test_puts_in_what_it_is_told(self):
        options = ["--write-url", "https://db/push", "--targets", "/srv/*.yml", "--interval", "30s", "--agent-address", "[::1]:1"]
        self.assertEqual(
            self.changed("0", "1", *options),
            {
                "scrape_interval: 30s",
                "scrape_timeout: 30s",
                '- files: ["/srv/*.yml"]',
                'static_configs: [{ targets: ["[::1]:1"], labels: { instance: agent-0 } }]',
                "- url: https://db/push",
            },
        )

    def test_refuses_a_shard_that_does_not_exist(self):
        done = shard("4", "4")
        self.assertEqual(done.returncode, 2)
        self.assertIn("shard 4 of 4 does not exist; shards are 0 to 3", done.stderr)

    def test_refuses_an_interval_that_is_none(self):
        self.assertIn('"often" is no duration such as 15s or 1m', shard("0", "1", "--interval", "often").stderr)

    def test_says_what_it_does_not_find_in_an_edited_file(self):
        with tempfile.TemporaryDirectory() as directory:
            program = shutil.copy(FLEET / "shard", directory)
            text = (FLEET / "agent.yml").read_text(encoding="utf-8")
            Path(directory, "agent.yml").write_text(text.replace("modulus: 1", "modulus: many"), encoding="utf-8")
            done = shard("0", "2", program=program)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("has 0 lines like", done.stderr)


unittest.main()
