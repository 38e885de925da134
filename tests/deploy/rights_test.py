#!/usr/bin/python3
"""Starts the exporter with the rights that the DaemonSet gives it, and no others: it watches a process of somebody else.

usage: tests/deploy/rights_test.py BIN_DIR
"""
import os
import re
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import yaml

from load import Load
from places import DEPLOY
from programs import Exporter, Minivalk, wait_until  # places.py says where it is

NOBODY = 65534
CACHE = "/var/cache/valkyria_exporter"


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


def status_of(pid):
    return dict(re.findall(r"^(\w+):\s+(.*)$", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), re.M))


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def main():
    bin_dir = Path(sys.argv[1])
    security = container()["securityContext"]
    with tempfile.TemporaryDirectory(prefix="valkyria-test-") as directory, ExitStack() as stack:
        Path(directory).chmod(0o755)
        # The cache's volume is one that everybody may write to.
        volume = Path(directory, "cache")
        volume.mkdir()
        volume.chmod(0o777)
        # On free ports.
        arguments = [re.sub(r":\d+$", ":0", one).replace(CACHE, str(volume)) for one in container()["args"]]
        program = shutil.copy(bin_dir / "minivalk", directory)
        # Of another user, as in a container.
        runtime = stack.enter_context(Minivalk(directory, prepare=become_nobody))
        exporter = stack.enter_context(
            Exporter(bin_dir, *arguments, "--exe", program, "--overhead.max", "off", before=confined(security, directory))
        )
        load = Load(runtime.ports[0], ["/", "/alloc?kb=256"], lambda: runtime.command("gc"))
        stack.callback(load.end)
        status = status_of(exporter.pid)
        assert status["NoNewPrivs"] == "1", status
        bits = bin(int(status["CapBnd"], 16)).count("1")
        assert bits <= len(security["capabilities"]["add"]), status
        # One of what memory tells, and one of probes.
        for family in (r"^http_requests_total\{.*2xx.* [1-9]", r"^valk_gc_pause_duration_seconds_count\{.*\} [1-9]"):
            wait_until(lambda family=family: re.search(family, exporter.text(), re.M), family)
        wait_until(lambda: list(volume.glob("own/*.layout")), "what it found out is kept")
    print(f"it watches a stranger's process with {len(security['capabilities']['add'])} capabilities and a read-only root")


main()
