#include "memory/process_memory.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace memory {
namespace {

using base::fail;
using base::Result;

constexpr std::size_t kMaxPiecesACall = 1024;  // UIO_MAXIOV: more is EINVAL

// Marks what a call that copied `bytes` has completed; the index of the first piece that it has
// not.
std::size_t mark_complete(std::span<Piece> pieces, std::size_t bytes) {
  std::size_t index = 0;
  for (; index < pieces.size() && pieces[index].into.size() <= bytes; ++index) {
    bytes -= pieces[index].into.size();
    pieces[index].complete = true;
  }
  return index;
}

}  // namespace

ProcessMemory::ProcessMemory(const std::string& directory, int pid)
    : pid_(pid),
      file_(::open((directory + "/mem").c_str(), O_RDONLY | O_CLOEXEC)),
      file_error_(file_ ? 0 : errno) {}

Result<void> ProcessMemory::read(std::span<Piece> pieces) {
  for (Piece& piece : pieces) piece.complete = false;
  return use_file_ ? read_from_file(pieces) : read_by_call(pieces);
}

// The kernel stops at the first byte that it can't read and tells how many came before: the piece
// that it stopped in is left out, and the next call begins behind it.
Result<void> ProcessMemory::read_by_call(std::span<Piece> pieces) {
  std::array<iovec, kMaxPiecesACall> local;
  std::array<iovec, kMaxPiecesACall> remote;
  while (!pieces.empty()) {
    const std::size_t count = std::min(pieces.size(), kMaxPiecesACall);
    for (std::size_t i = 0; i < count; ++i) {
      local[i] = {pieces[i].into.data(), pieces[i].into.size()};
      remote[i] = {reinterpret_cast<void*>(pieces[i].address), pieces[i].into.size()};
    }
    ++calls_;
    const ssize_t got = ::process_vm_readv(pid_, local.data(), count, remote.data(), count, 0);
    const bool has_left = got < 0 && errno == ESRCH && file_;
    if (has_left || (got < 0 && (errno == EPERM || errno == ENOSYS))) {
      use_file_ = true;
      return read_from_file(pieces);
    }
    if (got < 0 && errno != EFAULT) {
      return fail("read the memory of pid {}: {}{}", pid_, base::errno_text(errno),
                  errno == ESRCH ? " (the process has ended)" : "");
    }
    const std::size_t done =
        mark_complete(pieces.first(count), got < 0 ? 0 : static_cast<std::size_t>(got));
    pieces = pieces.subspan(std::min(done < count ? done + 1 : done, pieces.size()));
  }
  return {};
}

Result<void> ProcessMemory::read_from_file(std::span<Piece> pieces) {
  if (!file_) {
    return fail(
        "read the memory of pid {}: process_vm_readv is not permitted, and /proc/{}/mem could not "
        "be opened: {} (needs CAP_SYS_PTRACE and, for other users' processes, "
        "CAP_DAC_READ_SEARCH)",
        pid_, pid_, base::errno_text(file_error_));
  }
  for (Piece& piece : pieces) {
    ++calls_;
    const ssize_t got = ::pread(file_.get(), piece.into.data(), piece.into.size(),
                                static_cast<off_t>(piece.address));
    if (got == 0 && !piece.into.empty()) {
      return fail("read the memory of pid {}: the process has ended", pid_);
    }
    piece.complete = got >= 0 && static_cast<std::size_t>(got) == piece.into.size();
  }
  return {};
}

}  // namespace memory
