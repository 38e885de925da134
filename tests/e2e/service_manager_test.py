#!/usr/bin/env python3
"""What the real exporter tells its service manager, from its start to its end.

service_manager_test.py BIN_DIRECTORY
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BIN = Path(sys.argv.pop())
PATIENCE_S = 20


class Manager:
    """Listens as systemd does, and starts an exporter that only watches who runs one file."""

    def __init__(self, directory):
        self.directory = directory
        self.address = str(directory / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.address)
        self.socket.settimeout(PATIENCE_S)

    def start(self, *options, watchdog_ms=None):
        environment = {**os.environ, "NOTIFY_SOCKET": self.address}
        if watchdog_ms is not None:
            environment["WATCHDOG_USEC"] = str(watchdog_ms * 1000)
        with open(self.directory / "log", "wb") as log:
            return subprocess.Popen(
                [BIN / "valkyria_exporter", "--web.listen-address", "127.0.0.1:0", *options],
                env=environment, stderr=log)

    def take(self, pattern):
        """The next message that matches, past all others."""
        while True:
            message = self.socket.recv(4096).decode()
            if re.search(pattern, message):
                return message


@unittest.skipUnless(os.geteuid() == 0, "needs root, to attach probes")
class ServiceManager(unittest.TestCase):
    def setUp(self):
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)
        self.manager = Manager(self.directory)
        self.addCleanup(self.manager.socket.close)
        # A file of its own: whoever else runs minivalk is left alone.
        self.runtime = self.directory / "minivalk"
        shutil.copy(BIN / "minivalk", self.runtime)

    def start(self, **options):
        exporter = self.manager.start("--exe", str(self.runtime), **options)
        self.addCleanup(exporter.wait)
        self.addCleanup(exporter.kill)
        return exporter

    def start_runtime(self):
        runtime = subprocess.Popen([self.runtime, "--servers", "1"], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL)
        self.addCleanup(runtime.stdin.close)
        self.addCleanup(runtime.wait)
        self.addCleanup(runtime.kill)
        return runtime

    def test_from_start_to_end(self):
        self.start_runtime()
        exporter = self.start()
        ready = self.manager.take("^READY=1")
        # The first look is over, and the port listens.
        status = re.search(r"STATUS=watching 1 process, serving on http://127.0.0.1:(\d+)/metrics$",
                           ready)
        self.assertTrue(status, ready)
        socket.create_connection(("127.0.0.1", int(status[1])), PATIENCE_S).close()
        second = self.start_runtime()
        self.manager.take("STATUS=watching 2 processes")
        second.kill()
        self.manager.take("STATUS=watching 1 process,")
        exporter.send_signal(signal.SIGTERM)
        self.manager.take("^STOPPING=1")
        self.assertEqual(exporter.wait(PATIENCE_S), 0)

    def test_reload(self):
        exporter = self.start()
        self.manager.take("^READY=1")
        exporter.send_signal(signal.SIGHUP)
        self.assertRegex(self.manager.take("RELOADING"), r"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        self.manager.take("^READY=1")
        self.assertIsNone(exporter.poll())

    def test_watchdog_hears_of_it_while_nobody_asks(self):
        self.start(watchdog_ms=3000)
        for _ in range(3):
            self.manager.take("^WATCHDOG=1$")


unittest.main()
