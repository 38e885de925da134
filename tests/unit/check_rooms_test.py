#!/usr/bin/env python3
"""tools/check_rooms on made-up trees: a good one, and one for each fault that it knows."""
import subprocess
import tempfile
import unittest
from pathlib import Path

CHECK_ROOMS = Path(__file__).resolve().parents[2] / "tools" / "check_rooms"

GOOD = {
    "src/CMakeLists.txt": "add_subdirectory(base)\nadd_subdirectory(elf)\nadd_subdirectory(agent)\n"
    "target_link_libraries(valkyria_exporter PRIVATE base elf\n  agent flags)\n",
    "src/base/CMakeLists.txt": "valkyria_room(base SOURCES result.cpp USES fmt::fmt)\n",
    "src/base/result.h": "#pragma once\n#include <string>\n",
    "src/base/result.cpp": '#include "base/result.h"\n',
    "src/elf/CMakeLists.txt": "valkyria_room(\n  elf\n  SOURCES file.cpp\n  USES base Pkg::libelf)\n",
    "src/elf/file.h": '#include "base/result.h"\n',
    "src/elf/handle.h": "#include <libelf.h>\n",
    "src/elf/file.cpp": '#include "elf/file.h"\n#include "elf/handle.h"\n',
    "src/agent/CMakeLists.txt": "valkyria_room(agent SOURCES agent.cpp USES base elf)\n",
    "src/agent/agent.h": '#include "elf/file.h"\n',
    "src/agent/agent.cpp": '#include "agent/agent.h"\n',
    "src/main.cpp": '#include "agent/agent.h"\n',
    "bpf/gc.bpf.c": '#include <linux/bpf.h>\n#include "maps.bpf.h"\n#include <valkyria/abi/gc.h>\n',
}


class CheckRooms(unittest.TestCase):
    def check(self, **changes):
        """The exit status and stderr for the good tree, but for these files."""
        with tempfile.TemporaryDirectory() as tree:
            for name, text in {**GOOD, **changes}.items():
                file = Path(tree, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            done = subprocess.run([CHECK_ROOMS, tree], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    def assert_only_fault(self, fault, **changes):
        self.assertEqual(self.check(**changes), (1, f"{fault}\ncheck_rooms: 1 faults\n"))

    def test_is_content_with_a_good_tree(self):
        self.assertEqual(self.check(), (0, ""))

    def test_finds_an_arrow_that_cmake_does_not_have(self):
        self.assert_only_fault(
            "src/elf/file.cpp: room elf does not name room base in USES: "
            "elf/file.cpp > elf/file.h > base/result.h",
            **{"src/elf/CMakeLists.txt": "valkyria_room(elf SOURCES file.cpp USES Pkg::libelf)\n"},
        )

    def test_follows_headers_of_other_rooms(self):
        self.assert_only_fault(
            "src/agent/agent.cpp: room agent does not name room base in USES: "
            "agent/agent.cpp > agent/agent.h > elf/file.h > base/result.h",
            **{"src/agent/CMakeLists.txt": "valkyria_room(agent SOURCES agent.cpp USES elf)\n"},
        )

    def test_holds_main_to_what_it_is_linked_with(self):
        cmake = GOOD["src/CMakeLists.txt"].replace("base elf", "elf")
        self.assert_only_fault(
            "src/main.cpp: room main does not name room base in USES: "
            "main.cpp > agent/agent.h > elf/file.h > base/result.h",
            **{"src/CMakeLists.txt": cmake},
        )

    def test_finds_a_needless_arrow(self):
        self.assert_only_fault(
            "src/elf/CMakeLists.txt: room elf names room base in USES and includes nothing of it",
            **{
                "src/elf/file.h": "",
                "src/agent/agent.h": '#include "base/result.h"\n#include "elf/file.h"\n',
            },
        )

    def test_finds_rooms_in_the_wrong_order(self):
        rooms = ["add_subdirectory(base)\n", "add_subdirectory(elf)\n"]
        cmake = GOOD["src/CMakeLists.txt"].replace("".join(rooms), "".join(reversed(rooms)))
        self.assert_only_fault(
            "src/elf/CMakeLists.txt: room elf uses room base, "
            "which src/CMakeLists.txt does not list above it",
            **{"src/CMakeLists.txt": cmake},
        )

    def test_finds_a_circle(self):
        self.assert_only_fault(
            "src/base/CMakeLists.txt: room base uses room elf, "
            "which src/CMakeLists.txt does not list above it",
            **{
                "src/base/CMakeLists.txt": "valkyria_room(base SOURCES result.cpp USES elf)\n",
                "src/base/result.cpp": '#include "elf/file.h"\n',
            },
        )

    def test_finds_a_room_that_is_not_built(self):
        self.assert_only_fault(
            "src/attic: a room that src/CMakeLists.txt does not list", **{"src/attic/old.h": ""}
        )

    def test_finds_a_library_in_a_foreign_room(self):
        self.assert_only_fault(
            "src/agent/agent.cpp:2: room agent must not use <elfutils/libdw.h>, only: elf",
            **{"src/agent/agent.cpp": '#include "agent/agent.h"\n#include <elfutils/libdw.h>\n'},
        )

    def test_finds_a_library_in_a_header_for_other_rooms(self):
        self.assert_only_fault(
            "src/elf/handle.h:1: <libelf.h> is shown to rooms that include this header",
            **{"src/elf/file.h": '#include "base/result.h"\n#include "elf/handle.h"\n'},
        )

    def test_finds_what_the_kernel_side_must_not_include(self):
        self.assert_only_fault(
            "bpf/gc.bpf.c:1: not for the kernel side: <string.h>",
            **{"bpf/gc.bpf.c": "#include <string.h>\n"},
        )


if __name__ == "__main__":
    unittest.main()
