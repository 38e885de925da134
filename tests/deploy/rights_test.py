#!/usr/bin/env python3
"""Starts the exporter with the rights that the DaemonSet gives it, and no others: it watches a process of somebody else.

usage: tests/deploy/rights_test.py BIN_DIR
"""
import re
import shutil
import sys
import tempfile
from pathlib import Path

import yaml

from places import DEPLOY
from world import Exporter, Load, Runtime, wait_until

NOBODY = 65534


def container():
    objects = yaml.safe_load_all((DEPLOY / "kubernetes" / "daemonset.yaml").read_text(encoding="utf-8"))
    [daemonset] = [one for one in objects if one["kind"] == "DaemonSet"]
    return daemonset["spec"]["template"]["spec"]["containers"][0]


def confined(security, directory):
    """What to put before a command: a read-only root, these capabilities, no way to gain others."""
    assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"]
    kept = ",".join(["-all", *("+" + name.lower() for name in security["capabilities"]["add"])])
    # The test's own directory stays writable: it stands for the mounted volumes.
    script = (f'mount --bind "{directory}" "{directory}" && mount -o remount,bind,ro / && '
              f'exec setpriv --bounding-set={kept} --inh-caps=-all --no-new-privs -- "$@"')
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]


class ConfinedExporter(Exporter):
    def __init__(self, directory, before, program, *arguments):
        self.before = before
        super().__init__(directory, program, *arguments)

    def command(self, arguments):
        return [*self.before, *arguments]


def status_of(pid):
    return dict(re.findall(r"^(\w+):\s+(.*)$", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), re.M))


def main():
    bin_dir = Path(sys.argv[1])
    security = container()["securityContext"]
    # On free ports.
    arguments = [re.sub(r":\d+$", ":0", argument) for argument in container()["args"]]
    with tempfile.TemporaryDirectory(prefix="valkyria-test-") as directory:
        Path(directory).chmod(0o755)
        program = shutil.copy(bin_dir / "minivalk", directory)
        # Of another user, as in a container.
        runtime = Runtime(directory, program, user=NOBODY, group=NOBODY, extra_groups=[])
        exporter = ConfinedExporter(directory, confined(security, directory), bin_dir / "valkyria_exporter", *arguments, "--exe", program)
        load = Load(runtime.ports[0], ["/", "/alloc?kb=256"], runtime.collect)
        try:
            status = status_of(exporter.child.pid)
            assert status["NoNewPrivs"] == "1", status
            bits = bin(int(status["CapBnd"], 16)).count("1")
            assert bits <= len(security["capabilities"]["add"]), status
            # One of what memory tells, and one of probes.
            for family in (r"^http_requests_total\{.*2xx.* [1-9]", r"^valk_gc_pause_duration_seconds_count\{.*\} [1-9]"):
                wait_until(family, lambda family=family: re.search(family, exporter.get("/metrics")[1], re.M))
        finally:
            load.ended.set()
            exporter.end()
            runtime.end()
    print(f"it watches a stranger's process with {len(security['capabilities']['add'])} capabilities and a read-only root")


main()
