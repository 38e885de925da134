"""Services as a host has them, each with the name that the exporter must give to its instances."""
import errno
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from programs import ROOT, Minivalk, wait_until  # noqa: E402

BUILD = Path(os.environ.get("VALKYRIA_BUILD_DIR", ROOT / "build"))
BIN_DIR = BUILD / "bin"
# The two builds of minivalk: sites and counters stand elsewhere in the other.
BUILDS = [BIN_DIR / "minivalk", BUILD / "tests/minivalk_other_build"]
WAYS = BUILD / "tests/strange_ways.so"
_UNIFIED = [Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup")]


def usual_port():
    """One that is free now, and none that the kernel gives out by itself: as an operator chooses them."""
    for port in random.sample(range(20000, 32000), 100):
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise OSError("a hundred ports are taken")


class ControlGroup:
    """A directory of the unified hierarchy, as systemd or an engine makes it; gone with its processes."""

    def __init__(self, *names):
        root = next(one for one in _UNIFIED if (one / "cgroup.procs").exists())
        self.directories = []
        for name in names:
            root = root / name
            if not root.exists():
                root.mkdir()
                self.directories.append(root)
        self.path = root

    def enter(self):
        """In the child, before it becomes the program."""
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        for directory in reversed(self.directories):
            try:
                directory.rmdir()
            except OSError:
                pass  # another service's group is below it


class Service:
    """One instance of one program at one path, which is started again and again. `expected` is the name of its process."""

    def __init__(self, expected, program, arguments=(), environment=None, group=None):
        self.expected, self.program = expected, Path(program)
        self.arguments, self.group = list(arguments), group
        self.environment = {"LD_PRELOAD": str(WAYS), **(environment or {})}
        self.runtime = None
        self.builds = 0
        if not self.program.exists():
            self.upgrade_by_rename()

    def start(self):
        prepare = self.group.enter if self.group else None
        directory, name = self.program.parent, self.program.name
        self.runtime = Minivalk(directory, *self.arguments, name=name, environment=self.environment, prepare=prepare)

    def stop(self, number):
        if self.runtime:
            self.runtime.stop(number)
        self.runtime = None

    def upgrade_by_rename(self):
        """As a package manager does: who runs goes on with the file that has no name any more."""
        self.builds += 1
        new = self.program.with_suffix(".new")
        shutil.copy2(BUILDS[self.builds % 2], new)
        new.rename(self.program)

    def upgrade_in_place(self):
        """As cp does: the same inode, other bytes. Possible only while nobody runs it."""
        # A child that it has forked ends a moment after it.
        wait_until(self.is_run_by_nobody, f"nobody runs {self.program}")
        self.builds += 1
        with open(BUILDS[self.builds % 2], "rb") as source, open(self.program, "r+b") as target:
            target.truncate(0)
            shutil.copyfileobj(source, target)

    def is_run_by_nobody(self):
        try:
            with open(self.program, "r+b"):
                return True
        except OSError as error:
            if error.errno != errno.ETXTBSY:
                raise
            return False

    def fork(self):
        """A child that goes on as a copy of the runtime, with its counters, until the runtime ends."""
        self.runtime.process.send_signal(signal.SIGHUP)

    def work(self, dice):
        for _ in range(dice.randint(0, 2)):
            self.runtime.command("gc")
        self.runtime.command(f"eval (fib {dice.randint(3, 9)})")
        self.runtime.request(*dice.choices(["/", "/fib?n=8", "/status/404", "/status/500", "/alloc?kb=8"], k=dice.randint(1, 3)))


class Image:
    """One directory with one minivalk, mounted over and over as containers of one image have it."""

    def __init__(self, directory):
        self.directory = Path(directory) / "image"
        self.directory.mkdir()
        shutil.copy2(BUILDS[0], self.directory / "stormcontained")
        self.mounts = []

    def container(self, name):
        base = self.directory.parent / f"container-{name}"
        for part in ("up", "work", "all"):
            (base / part).mkdir(parents=True)
        where = f"lowerdir={self.directory},upperdir={base / 'up'},workdir={base / 'work'}"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", where, base / "all"], check=True)
        self.mounts.append(base / "all")
        return base / "all/stormcontained"

    def unmount(self):
        for one in self.mounts:
            subprocess.run(["umount", "--lazy", one], check=False)


class Host:
    """A table of services: what they are, and what the exporter must call them."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.groups, self.services = [], []
        self.image = Image(directory)

    def _group(self, *names):
        self.groups.append(ControlGroup(*names))
        return self.groups[-1]

    def _add(self, name, expected, arguments=None, **how):
        how.setdefault("program", self.directory / name)
        how["arguments"] = arguments or ["--base-port", str(usual_port())]
        self.services.append(Service(expected, **how))

    def fill(self):
        mark = f"{os.getpid():x}"
        ids = [f"{number:x}".rjust(64, "0")[::-1] for number in (0xA0 + os.getpid(), 0xB0 + os.getpid() * 7)]
        script = self.directory / "billing.valk"
        script.write_text("(+ 1 2)\n")
        # The unit's name, also of an instance of a template, and of a unit below another one.
        self._add("stormunit", f"shop{mark}", group=self._group("system.slice", f"shop{mark}.service"))
        self._add("stormtemplate", f"shop{mark}@eu", group=self._group("system.slice", f"shop{mark}@eu.service"))
        # The container's id, of two containers of one image.
        for number, identity in enumerate(ids):
            group = self._group("system.slice", f"docker-{identity}.scope")
            self._add(f"contained{number}", identity[:12], group=group, program=self.image.container(str(number)))
        # What the operator says.
        self._add("stormmarked", f"orders{mark}", environment={"VALKYRIA_PROCESS": f"orders{mark}"})
        # The script's file name, else what the program calls itself.
        self._add("stormscript", "billing.valk", arguments=["--script", script, "--base-port", str(usual_port())])
        self._add("stormplain", "stormplain")
        # Three alike, which nothing tells apart, since their ports are of the kernel's choice: in the order of their
        # first start.
        alike = self.directory / "stormalike"
        for number, expected in enumerate(["stormalike", "stormalike-2", "stormalike-3"]):
            self._add(f"alike{number}", expected, ["--base-port", "0"], program=alike)

    def start(self):
        for service in self.services:
            service.start()

    def end(self):
        for service in self.services:
            service.stop(signal.SIGTERM)
        self.image.unmount()
        for group in reversed(self.groups):
            group.remove()


def skip_unless_it_runs_here(*programs):
    """Where rights or a program are missing, a skip; in CI that is a failure."""
    needed = [BIN_DIR / "valkyria_exporter", *BUILDS, WAYS, *programs]
    missing = [str(one) for one in needed if not Path(one).exists()]
    reason = f"missing: {', '.join(missing)}" if missing else "needs root" if os.geteuid() != 0 else ""
    if reason:
        print(f"skipped: {reason}")
        sys.exit(1 if os.environ.get("CI") else 77)
