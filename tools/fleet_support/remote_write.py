"""Prometheus's remote write: its protobuf message, compressed, on one connection."""
import http.client
import struct

import snappy

HEADERS = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, content):
    """A field of bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def label(name, value):
    return field(1, field(1, name.encode()) + field(2, value.encode()))


class Host:
    """The series of one host, under whatever name of a fixed length: `name(i)`."""

    PLACEHOLDER = b"host-00000"

    def __init__(self, series):
        self.labels = [self.labels_of(name, labels) for name, labels, _ in series]

    @classmethod
    def name(cls, number):
        return b"host-%05d" % number

    def labels_of(self, name, labels):
        own = {"__name__": name, "instance": self.PLACEHOLDER.decode(), "job": "valkyria", "datacenter": "fra", "rack": "r12", "role": "web"}
        return b"".join(label(*pair) for pair in sorted((own | dict(labels)).items()))

    def body(self, values, time_ms):
        """A write request for the placeholder, and how many samples it has."""
        stamp = b"\x10" + varint(time_ms)
        parts, samples = [], 0
        for labels, value in zip(self.labels, values):
            if value is None:
                continue
            parts.append(field(1, labels + field(2, b"\x09" + struct.pack("<d", value) + stamp)))
            samples += 1
        return b"".join(parts), samples


class Writer:
    """A connection to where remote write goes."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.sent_bytes = 0

    def write(self, body):
        compressed = snappy.compress(body)
        self.connection.request("POST", "/api/v1/write", compressed, HEADERS)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status // 100 != 2:
            raise RuntimeError(f"remote write: {answer.status} {text[:500]!r}")
        self.sent_bytes += len(compressed)
