#!/usr/bin/python3
"""Reads our pprof files with other people's programs: a decoder that protoc makes, and go tool pprof.

usage: tests/e2e/pprof_readers.py WRITE_PROFILES      77: a reader is not installed, which in CI is a failure
"""
import gzip
import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["busy", "empty", "hostile", "large"]


def skip(reason):
    print(f"{reason}: pprof files are not read")
    sys.exit(1 if os.environ.get("CI") else 77)


def folded_samples(path):
    """Samples of each stack by our other writer, and their sum."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return sum(int(line.rsplit(" ", 1)[1]) for line in lines)


def decode(directory, name):
    """The messages, and functions' samples by themselves."""
    schema = importlib.import_module("profile_pb2")
    profile = schema.Profile()
    profile.ParseFromString(gzip.decompress((directory / f"{name}.pb.gz").read_bytes()))
    return profile


def check_references(profile):
    texts = profile.string_table
    assert texts[0] == "", texts[0]
    assert len(set(texts)) == len(texts), "a text stands there twice"
    mappings = {mapping.id for mapping in profile.mapping}
    functions = {function.id for function in profile.function}
    locations = {location.id for location in profile.location}
    assert 0 not in mappings | functions | locations
    for location in profile.location:
        assert location.mapping_id in mappings | {0}
        assert all(line.function_id in functions for line in location.line)
    for sample in profile.sample:
        assert set(sample.location_id) <= locations and len(sample.value) == 2
        assert [texts[label.key] for label in sample.label] == ["thread", "tid", "gc_phase"]
    for message, fields in [(profile.function, ["name", "system_name", "filename"]), (profile.mapping, ["filename", "build_id"])]:
        assert all(getattr(one, field) < len(texts) for one in message for field in fields)


def check_sums(profile, folded):
    samples = sum(sample.value[0] for sample in profile.sample)
    cpu_ns = sum(sample.value[1] for sample in profile.sample)
    assert samples == folded, (samples, folded)
    assert cpu_ns == samples * profile.period
    return samples, cpu_ns


def flat_of_functions(profile):
    """Nanoseconds of each function by itself, by its name."""
    names = {function.id: profile.string_table[function.name] for function in profile.function}
    locations = {location.id: location for location in profile.location}
    flat = Counter()
    for sample in profile.sample:
        lines = locations[sample.location_id[0]].line
        if lines:
            flat[names[lines[0].function_id]] += sample.value[1]
    return flat


def go_top(path):
    """What go tool pprof says: its total and the flat nanoseconds of each function, to its precision."""
    command = ["go", "tool", "pprof", "-top", "-unit=ns", "-nodecount=10000", "-symbolize=none", str(path)]
    environment = {**os.environ, "HOME": str(path.parent), "PPROF_TMPDIR": str(path.parent)}
    text = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    total = re.search(r"Total samples = (\S+?)(ns)?\s", text)[1]
    rows = re.findall(r"^\s*(\d+)(?:ns)?\s+\S+%\s+\S+%\s+\d+(?:ns)?\s+\S+%\s+(.+?)(?: \(inline\))?$", text, re.M)
    return total, {name: int(flat) for flat, name in rows}, text


def main():
    for program in ["protoc", "go"]:
        if not shutil.which(program):
            skip(f"{program} is not installed")
    try:
        importlib.import_module("google.protobuf")
    except ImportError:
        skip("python3-protobuf is not installed")
    with tempfile.TemporaryDirectory(prefix="valkyria-pprof-") as name:
        directory = Path(name)
        subprocess.run([sys.argv[1], name], check=True)
        subprocess.run(["protoc", f"--proto_path={ROOT}/tests/data", f"--python_out={name}", "profile.proto"], check=True)
        sys.path.insert(0, name)
        for name in NAMES:
            profile = decode(directory, name)
            check_references(profile)
            samples, cpu_ns = check_sums(profile, folded_samples(directory / f"{name}.folded"))
            total, flat, text = go_top(directory / f"{name}.pb.gz")
            if name in ("busy", "large"):
                ours = flat_of_functions(profile)
                assert {key: value for key, value in flat.items() if value and key != "[libc.so.6]"} == dict(ours), text
                assert sum(flat.values()) == cpu_ns, text
            print(f"{name}: {len(profile.sample)} stacks, {samples} samples, {cpu_ns} ns; go tool pprof: {total}")


main()
