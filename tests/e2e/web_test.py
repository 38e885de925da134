#!/usr/bin/python3
"""The exporter's web side as operators use it: TLS, passwords and client certificates with curl,
openssl and a real Prometheus; a configuration that changes under load; handshakes that never end;
sockets of systemd.

usage: tests/e2e/web_test.py EXPORTER PROMETHEUS [TEST...]      77: not root
"""
import base64
import contextlib
import http.client
import json
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

PATIENCE_S = 15
# "open sesame", as cheap as bcrypt can be: this test is not about its time.
HASH = "$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy"
USER, PASSWORD = "alice", "open sesame"
RIGHT = {"Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
EXPORTER = PROMETHEUS = ""


def wait_until(condition, seconds=PATIENCE_S):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def openssl(*arguments, check=True, **how):
    return subprocess.run(["openssl", *map(str, arguments)], check=check, capture_output=True,
                          timeout=PATIENCE_S, **how)


class Authority:
    """A CA in a directory, as docs/web.md makes it."""

    def __init__(self, directory, name="ca"):
        self.directory, self.name = directory, name
        self.certificate = directory / f"{name}.crt"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", directory / f"{name}.key", "-out", self.certificate, "-days", 1,
                "-subj", f"/CN={name}")

    def issue(self, name, sans, days=1):
        key, request = self.directory / f"{name}.key", self.directory / f"{name}.csr"
        certificate = self.directory / f"{name}.crt"
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                key, "-out", request, "-subj", f"/CN={name}")
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName={sans}\nbasicConstraints=CA:FALSE\n")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey",
                self.directory / f"{self.name}.key", "-CAcreateserial", "-out", certificate,
                "-days", days, "-extfile", extensions)
        return certificate, key


class Exporter:
    """A running one that watches nobody; its log is in a file."""

    def __init__(self, directory, *arguments, address="127.0.0.1:0", **how):
        self.log_file = directory / "exporter.log"
        listen = ["--web.listen-address", address] if address else []
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [EXPORTER, "--name", "nobody-at-all", "--cache-dir", "", *listen,
                 *map(str, arguments)], stderr=log, stdout=log, **how)

    def log(self):
        return self.log_file.read_text(errors="replace")

    def port(self):
        found = []

        def serves():
            found[:] = re.findall(r"serving on https?://[^ ]*:(\d+)/", self.log())
            return found or self.process.poll() is not None
        wait_until(serves)
        if not found:
            raise AssertionError("does not serve: " + self.log())
        return int(found[0])

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(PATIENCE_S)


def get_plain(host, port, path, headers=None):
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode()


def curl(port, *arguments, path="/metrics", name="localhost"):
    """The status, 0 where there is none, and curl's own exit status."""
    ran = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10",
                          *map(str, arguments), f"https://{name}:{port}{path}"],
                         capture_output=True, timeout=PATIENCE_S, check=False)
    return int(ran.stdout), ran.returncode


class WebTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.all = tempfile.TemporaryDirectory(prefix="valkyria-web-")
        cls.addClassCleanup(cls.all.cleanup)
        pki = cls.pki = Path(cls.all.name)
        cls.ca, cls.other_ca = Authority(pki), Authority(pki, "other-ca")
        sans = "DNS:localhost,IP:127.0.0.1"
        cls.server = cls.ca.issue("server", sans)
        cls.client = cls.ca.issue("client", "DNS:prometheus")
        cls.wrong_name = cls.ca.issue("wrong-name", "DNS:grafana")
        cls.expired = cls.ca.issue("expired", "DNS:prometheus", days=-1)
        cls.stranger = cls.other_ca.issue("stranger", "DNS:prometheus")

    def setUp(self):
        own = tempfile.TemporaryDirectory(prefix="valkyria-web-")
        self.addCleanup(own.cleanup)
        self.directory = Path(own.name)
        self.config = self.directory / "web.yml"

    def write_config(self, text):
        """As a careful operator does it: a file that is there is whole."""
        new = self.config.with_suffix(".new")
        new.write_text(text)
        new.rename(self.config)

    def tls_config(self, *lines, certificate=None):
        certificate, key = certificate or self.server
        return "\n".join(["tls_server_config:", f"  cert_file: {certificate}", f"  key_file: {key}",
                          *lines, ""])

    def client_auth(self):
        return self.tls_config("  client_auth_type: RequireAndVerifyClientCert",
                               f"  client_ca_file: {self.ca.certificate}",
                               "  client_allowed_sans: [prometheus]")

    def users(self, password_hash=HASH):
        return f"basic_auth_users:\n  {USER}: {password_hash}\n"

    def start(self, *arguments, **how):
        exporter = Exporter(self.directory, "--web.config.file", self.config, *arguments, **how)
        self.addCleanup(exporter.stop)
        return exporter

    def trusting(self, own=None):
        context = ssl.create_default_context(cafile=self.ca.certificate)
        if own:
            context.load_cert_chain(*own)
        return context

    def scrape(self, port, headers=None, context=None, path="/metrics"):
        connection = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE_S,
                                                 context=context or self.trusting())
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read().decode()

    def shown_serial(self, port):
        with socket.create_connection(("localhost", port), timeout=PATIENCE_S) as plain:
            with self.trusting().wrap_socket(plain, server_hostname="localhost") as connection:
                return connection.getpeercert()["serialNumber"]

    def sample(self, port, name, headers=None):
        text = self.scrape(port, headers)[1]
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)
        return float(found[1]) if found else None

    def test_lets_the_right_ones_in_and_the_wrong_ones_out(self):
        self.write_config(self.client_auth() + self.users())
        port = self.start().port()
        ca = ["--cacert", self.ca.certificate]
        own = ["--cert", self.client[0], "--key", self.client[1]]
        login = ["--user", f"{USER}:{PASSWORD}"]
        self.assertEqual(curl(port, *ca, *own, *login), (200, 0))
        self.assertEqual(curl(port, *ca, *own, *login, "--tlsv1.2", "--tls-max", "1.2"), (200, 0))
        self.assertEqual(curl(port, *ca, *own, *login, path="/debug/metrics"), (503, 0))
        self.assertEqual(curl(port, *ca, *own), (401, 0))
        self.assertEqual(curl(port, *ca, *own, "--user", f"{USER}:wrong"), (401, 0))
        self.assertEqual(curl(port, *ca, *own, "--user", f"bob:{PASSWORD}"), (401, 0))
        self.assertEqual(curl(port, *ca, *own, path="/-/healthy"), (401, 0))
        for what, arguments in {
            "another authority": ["--cacert", self.other_ca.certificate, *own, *login],
            "another name": [*ca, *own, *login, "--resolve", f"else.test:{port}:127.0.0.1"],
            "TLS 1.1": [*ca, *own, *login, "--tlsv1.0", "--tls-max", "1.1",
                        "--ciphers", "DEFAULT@SECLEVEL=0"],
            "no certificate": [*ca, *login],
            "an expired one": [*ca, *login, "--cert", self.expired[0], "--key", self.expired[1]],
            "a stranger's": [*ca, *login, "--cert", self.stranger[0], "--key", self.stranger[1]],
            "one with another name": [*ca, *login, "--cert", self.wrong_name[0], "--key",
                                      self.wrong_name[1]],
        }.items():
            with self.subTest(what):
                name = "else.test" if what == "another name" else "localhost"
                status, code = curl(port, *arguments, name=name)
                self.assertEqual(status, 0)
                self.assertNotEqual(code, 0)
        plain = subprocess.run(["curl", "-s", f"http://localhost:{port}/metrics"], check=False,
                               capture_output=True, timeout=PATIENCE_S)
        self.assertIn(b"HTTPS is spoken here", plain.stdout)

    def test_is_understood_by_openssl(self):
        self.write_config(self.tls_config("  min_version: TLS13"))
        port = self.start().port()
        ask = b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        common = ["s_client", "-connect", f"localhost:{port}", "-CAfile", self.ca.certificate,
                  "-verify_return_error", "-ign_eof"]
        said = openssl(*common, "-alpn", "h2,http/1.1", input=ask).stdout.decode()
        self.assertIn("Verify return code: 0 (ok)", said)
        self.assertIn("ALPN protocol: http/1.1", said)
        self.assertIn("healthy", said)
        old = openssl(*common, "-tls1_2", input=ask, check=False)
        self.assertNotEqual(old.returncode, 0)

    def test_is_scraped_by_prometheus(self):
        if not Path(PROMETHEUS).exists():
            self.skipTest("no Prometheus: tools/install_packages --with-prometheus")
        self.write_config(self.client_auth() + self.users())
        port = self.start().port()
        tls = {"ca_file": str(self.ca.certificate), "cert_file": str(self.client[0]),
               "key_file": str(self.client[1])}
        login = {"username": USER, "password": PASSWORD}
        without = {key: value for key, value in tls.items() if key == "ca_file"}
        jobs = {"right": (tls, login), "wrong_password": (tls, {**login, "password": "x"}),
                "no_password": (tls, None), "no_certificate": (without, login),
                "wrong_authority": ({**tls, "ca_file": str(self.other_ca.certificate)}, login)}
        scrapes = []
        for name, (tls_config, basic_auth) in jobs.items():
            scrapes.append({"job_name": name, "scheme": "https", "tls_config": tls_config,
                            "static_configs": [{"targets": [f"localhost:{port}"]}],
                            **({"basic_auth": basic_auth} if basic_auth else {})})
        configuration = self.directory / "prometheus.yml"
        configuration.write_text(json.dumps({
            "global": {"scrape_interval": "500ms", "scrape_timeout": "500ms"},
            "scrape_configs": scrapes}))  # JSON is YAML
        with socket.create_server(("127.0.0.1", 0)) as free:
            web = free.getsockname()[1]
        with (self.directory / "prometheus.log").open("wb") as log:
            prometheus = subprocess.Popen(
                [PROMETHEUS, f"--config.file={configuration}",
                 f"--storage.tsdb.path={self.directory / 'data'}",
                 f"--web.listen-address=127.0.0.1:{web}"], stdout=log, stderr=log)
        self.addCleanup(lambda: (prometheus.terminate(), prometheus.wait(PATIENCE_S)))
        targets = {}

        def all_are_known():
            with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
                answer = json.loads(get_plain("127.0.0.1", web, "/api/v1/targets")[1])
                for target in answer["data"]["activeTargets"]:
                    targets[target["scrapePool"]] = (target["health"], target["lastError"])
            return len(targets) == len(jobs) and all(health != "unknown" and
                                                     (health == "up") == (name == "right")
                                                     for name, (health, _) in targets.items())
        self.assertTrue(wait_until(all_are_known), targets)
        self.assertIn("401", targets["wrong_password"][1])
        self.assertIn("certificate", targets["wrong_authority"][1])

    def test_reloading_under_load_loses_no_request(self):
        self.write_config(self.tls_config() + self.users())
        exporter = self.start()
        port = exporter.port()
        stop, answered, failed = threading.Event(), [0] * 4, []

        def ask(number):
            connection = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE_S,
                                                     context=self.trusting())
            while not stop.is_set():
                try:
                    connection.request("GET", "/-/healthy" if number else "/metrics", headers=RIGHT)
                    response = connection.getresponse()
                    response.read()
                    if response.status != 200:
                        failed.append(response.status)
                    answered[number] += 1
                except Exception as error:  # whatever it is: a request was lost
                    failed.append(repr(error))
                    connection.close()
            connection.close()
        threads = [threading.Thread(target=ask, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        self.assertTrue(wait_until(lambda: sum(answered) > 200))
        shown = {self.shown_serial(port)}
        for number in range(6):
            certificate = self.ca.issue(f"renewed-{number}", "DNS:localhost")
            self.write_config(self.tls_config(certificate=certificate) + self.users())
            if number % 2:
                exporter.process.send_signal(signal.SIGHUP)
            self.assertTrue(wait_until(lambda: self.shown_serial(port) not in shown))
            shown.add(self.shown_serial(port))
            asked = sum(answered)
            self.assertTrue(wait_until(lambda: sum(answered) > asked + 200))
        stop.set()
        for thread in threads:
            thread.join()
        print(f"{sum(answered)} requests over 6 reloads, {len(failed)} failed", file=sys.stderr)
        self.assertEqual(failed, [])
        self.assertEqual(len(shown), 7)

    def test_a_broken_file_keeps_what_held_and_is_told_once(self):
        self.write_config(self.tls_config() + self.users())
        exporter = self.start()
        port = exporter.port()
        name = "valkyria_exporter_web_config_last_reload_successful"
        success = "valkyria_exporter_web_config_last_reload_success_timestamp_seconds"
        self.assertEqual(self.sample(port, name, RIGHT), 1)
        before = self.sample(port, success, RIGHT)
        self.assertAlmostEqual(before, time.time(), delta=60)
        self.assertGreater(
            self.sample(port, "valkyria_exporter_web_certificate_not_after_timestamp_seconds",
                        RIGHT), time.time())
        self.write_config("basic_auth_user: {}\n")
        self.assertTrue(wait_until(lambda: self.sample(port, name, RIGHT) == 0), exporter.log())
        for _ in range(3):
            exporter.process.send_signal(signal.SIGHUP)
            time.sleep(0.1)
        self.assertEqual(self.scrape(port)[0], 401)
        self.assertEqual(self.sample(port, success, RIGHT), before)
        told = [line for line in exporter.log().splitlines() if "read the web config again" in line]
        self.assertEqual(len(told), 1, told)
        self.assertIn('line 1: the file: unknown key "basic_auth_user"', told[0])
        self.write_config(self.tls_config())
        self.assertTrue(wait_until(lambda: self.scrape(port)[0] == 200))
        self.assertEqual(self.sample(port, name), 1)

    def test_a_file_that_was_emptied_opens_nothing(self):
        self.write_config(self.tls_config() + self.users())
        exporter = self.start()
        port = exporter.port()
        name = "valkyria_exporter_web_config_last_reload_successful"
        self.write_config("")
        self.assertTrue(wait_until(lambda: self.sample(port, name, RIGHT) == 0), exporter.log())
        self.assertIn("it is empty", exporter.log())
        self.assertEqual(self.scrape(port)[0], 401)
        with self.assertRaises((OSError, http.client.HTTPException)):
            self.assertEqual(get_plain("127.0.0.1", port, "/metrics")[0], 400)
            raise OSError("it says that HTTPS is spoken here")
        # Passwords may go, but not in silence.
        self.write_config(self.tls_config())
        self.assertTrue(wait_until(lambda: self.scrape(port)[0] == 200))
        self.assertIn("no password is needed any more", exporter.log())

    def test_a_broken_file_at_the_start_ends_it(self):
        for text, message in {
            "tls_server_config: {cert_file: nowhere.crt, key_file: nowhere.key}\n":
                f"read cert_file {self.directory}/nowhere.crt: No such file or directory",
            self.tls_config(certificate=(self.server[0], self.client[1])):
                "it does not belong to the certificate",
            "nonsense: 1\n": 'unknown key "nonsense"',
        }.items():
            with self.subTest(message):
                self.write_config(text)
                exporter = self.start()
                self.assertEqual(exporter.process.wait(PATIENCE_S), 1)
                self.assertIn(message, exporter.log())

    def test_half_done_handshakes_hold_nobody_up(self):
        self.write_config(self.tls_config() + self.users())
        port = self.start().port()
        kept = http.client.HTTPSConnection("localhost", port, timeout=PATIENCE_S,
                                           context=self.trusting())
        hello = self.client_hello()
        crowd, times = [], []

        def measured(ask):
            begun = time.monotonic()
            ask()
            times.append(time.monotonic() - begun)

        def scrape_kept():
            kept.request("GET", "/metrics", headers=RIGHT)
            response = kept.getresponse()
            response.read()
            self.assertEqual(response.status, 200)
        scrape_kept()
        for number in range(1000):
            one = socket.create_connection(("localhost", port))
            one.sendall(hello if number % 2 else hello[:60])
            crowd.append(one)
            if number % 50 == 49:
                measured(scrape_kept)
                measured(lambda: self.assertEqual(self.scrape(port, RIGHT)[0], 200))
        print(f"beside 1,000 half-done handshakes: {len(times)} scrapes, the slowest "
              f"{max(times) * 1e3:.0f} ms, median {sorted(times)[len(times) // 2] * 1e3:.0f} ms",
              file=sys.stderr)
        self.assertLess(max(times), 3)
        for one in crowd:
            one.close()
        kept.close()

    @staticmethod
    def client_hello():
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = ssl.create_default_context().wrap_bio(incoming, outgoing,
                                                        server_hostname="localhost")
        with contextlib.suppress(ssl.SSLWantReadError):
            session.do_handshake()
        return outgoing.read()

    def test_guessing_costs_others_nothing(self):
        # As dear as htpasswd makes them: 50 ms each.
        dear = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"
        self.write_config(self.users() + f"  bob: {dear}\n")
        port = self.start().port()
        stop, statuses, times = threading.Event(), [], []

        def get(headers):
            return get_plain("localhost", port, "/metrics", headers)[0]

        def guess(number):
            while not stop.is_set():
                login = base64.b64encode(f"bob:{number}{time.monotonic()}".encode()).decode()
                statuses.append(get({"Authorization": "Basic " + login}))
        self.assertEqual(get(RIGHT), 200)
        threads = [threading.Thread(target=guess, args=[number]) for number in range(20)]
        for thread in threads:
            thread.start()
        for _ in range(30):
            begun = time.monotonic()
            self.assertEqual(get(RIGHT), 200)
            times.append(time.monotonic() - begun)
            time.sleep(0.03)
        stop.set()
        for thread in threads:
            thread.join()
        print(f"beside 20 who guess: the slowest scrape {max(times) * 1e3:.0f} ms; guesses: "
              f"{statuses.count(401)} wrong, {statuses.count(429)} put off", file=sys.stderr)
        self.assertEqual(set(statuses) - {401, 429}, set())
        self.assertLess(max(times), 3)

    def test_takes_the_sockets_of_systemd(self):
        self.write_config("")
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            self.directory.joinpath("start").write_text(
                '#!/bin/sh\nexport LISTEN_PID=$$ LISTEN_FDS=1\nexec "$@"\n')
            script = self.directory / "start"
            script.chmod(0o755)
            log_file = self.directory / "exporter.log"

            def as_third():
                os.dup2(listening.fileno(), 3)
            with log_file.open("wb") as log:
                process = subprocess.Popen(
                    [script, EXPORTER, "--name", "nobody-at-all", "--cache-dir", "",
                     "--web.systemd-socket"], stderr=log, preexec_fn=as_third, close_fds=True,
                    pass_fds=[3])
        self.addCleanup(lambda: (process.terminate(), process.wait(PATIENCE_S)))
        self.assertEqual(get_plain("127.0.0.1", port, "/-/healthy")[0], 200)
        self.assertTrue(wait_until(
            lambda: f"serving on http://127.0.0.1:{port}/metrics" in log_file.read_text()))

    def test_systemd_sockets_that_are_missing_end_it(self):
        self.write_config("")
        exporter = self.start("--web.systemd-socket", address=None)
        self.assertEqual(exporter.process.wait(PATIENCE_S), 1)
        self.assertIn("LISTEN_PID or LISTEN_FDS is missing", exporter.log())

    def test_debug_is_for_loopback_or_for_who_has_authenticated(self):
        address = own_address()
        if not address:
            self.skipTest("this machine has no address but loopback ones")
        self.write_config("")
        exporter = self.start(address="0.0.0.0:0")
        port = exporter.port()
        self.assertIn("without TLS: whoever reaches it reads", exporter.log())
        def get(host, path):
            return get_plain(host, port, path)
        self.assertEqual(get(address, "/metrics")[0], 200)
        status, text = get(address, "/debug/gc-events")
        self.assertEqual(status, 403)
        self.assertIn("--web.enable-debug", text)
        self.assertNotIn('href="./debug', get(address, "/")[1])
        self.assertEqual(get("127.0.0.1", "/debug/gc-events")[0], 200)
        exporter.stop()
        open_one = self.start("--web.enable-debug", address="0.0.0.0:0")
        port = open_one.port()
        self.assertEqual(get(address, "/debug/gc-events")[0], 200)


def own_address():
    """An IPv4 address of this machine that is no loopback one."""
    ran = subprocess.run(["hostname", "-I"], capture_output=True, check=False, text=True)
    return next((word for word in ran.stdout.split() if ":" not in word), None)


if __name__ == "__main__":
    EXPORTER, PROMETHEUS = sys.argv[1:3]
    if os.geteuid() != 0:
        print("these tests need root")
        sys.exit(1 if os.environ.get("CI") else 77)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, 4096), files))
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
