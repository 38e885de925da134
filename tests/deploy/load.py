"""Requests to a runtime, as long as a test wants them."""
import http.client
import threading

PATIENCE_S = 60


class Load(threading.Thread):
    """Asks a server for these paths, one after the other on one connection, until it is ended."""

    def __init__(self, port, paths, after_each=None):
        super().__init__(daemon=True)
        self.port, self.paths, self.after_each = port, paths, after_each
        self.ended = threading.Event()
        self.start()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            while not self.ended.is_set():
                for path in self.paths:
                    connection.request("GET", path)
                    connection.getresponse().read()
                if self.after_each:
                    self.after_each()
                # A round of load, and not as much as the machine can give.
                self.ended.wait(0.1)
        except (OSError, http.client.HTTPException):
            if not self.ended.is_set():
                raise
        finally:
            connection.close()

    def end(self):
        self.ended.set()
        self.join(PATIENCE_S)
