// /proc/PID/maps, and where in it the executable was loaded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "elf/elf_file.h"
#include "target/executable.h"

namespace target {

// One mapping: [start, end). `path` is the kernel's text, with line feeds as "\012".
struct Mapping {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::uint64_t offset = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;  // 0: no file
  bool executable = false;
  std::string path;
};

// Parses the text of /proc/PID/maps: whole, or it fails.
base::Result<std::vector<Mapping>> parse_maps(std::string_view text);

// Reads and parses it.
base::Result<std::vector<Mapping>> read_maps(const std::string& proc_root, int pid);

// What has to be added to an address as linked to get the address in the process: 0 unless the
// executable is position-independent. Taken modulo 2^64, like every sum with it. Fails unless every
// segment of the executable stands where that says, or has been copied to memory of no file there
// (code that was moved to huge pages), and at least one stands there.
base::Result<std::uint64_t> find_load_bias(std::span<const Mapping> mappings,
                                           const Executable& executable,
                                           std::span<const elf::Segment> segments);

}  // namespace target
