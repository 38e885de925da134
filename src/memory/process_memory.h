// The memory of a running process.
#pragma once

#include <cstdint>
#include <string>

#include "base/unique_fd.h"
#include "memory/memory.h"

namespace memory {

// Reads by process_vm_readv, and where that is not permitted (a seccomp filter, say), or not
// possible since the main thread has left, from the file `mem` of /proc, which it opens at birth,
// since later privileges may be fewer. Nothing in the
// process stops, and nothing is written to it. One thread at a time.
//
// process_vm_readv goes by the pid: whether that is still the same process, running the same image,
// is for the caller to ask after each read.
class ProcessMemory : public Memory {
 public:
  // `directory` is where /proc tells of the process (or, where its main thread has left, of another
  // of its threads).
  ProcessMemory(const std::string& directory, int pid);

  base::Result<void> read(std::span<Piece> pieces) override;

  // System calls made for reading so far.
  std::uint64_t calls() const { return calls_; }

 private:
  base::Result<void> read_by_call(std::span<Piece> pieces);
  base::Result<void> read_from_file(std::span<Piece> pieces);

  int pid_;
  base::UniqueFd file_;
  int file_error_ = 0;  // why there is no file
  bool use_file_ = false;
  std::uint64_t calls_ = 0;
};

}  // namespace memory
