#include "memory/remote_read.h"

#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace memory {
namespace {

using base::fail;
using base::Result;

std::string fix_for(int error) {
  if (error == EPERM) return " (needs CAP_SYS_PTRACE: run it as root)";
  if (error == ESRCH) return " (the process has ended)";
  if (error == EFAULT) return " (nothing is mapped there)";
  return {};
}

}  // namespace

Result<void> read_bytes(int pid, std::uint64_t address, std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const std::span<std::byte> rest = into.subspan(done);
    const iovec local{rest.data(), rest.size()};
    const iovec remote{reinterpret_cast<void*>(address + done), rest.size()};
    const ssize_t got = ::process_vm_readv(pid, &local, 1, &remote, 1, 0);
    // A short read ends at a page that can't be read: the next one, from there, says why.
    if (got <= 0) {
      const int error = got < 0 ? errno : EFAULT;
      return fail("read {} bytes at {:#x} in pid {}: {}{}", into.size(), address, pid,
                  base::errno_text(error), fix_for(error));
    }
    done += static_cast<std::size_t>(got);
  }
  return {};
}

Result<std::uint16_t> read_uint16(int pid, std::uint64_t address) {
  std::array<std::byte, sizeof(std::uint16_t)> bytes{};
  if (auto read = read_bytes(pid, address, bytes); !read) return base::pass_on(read);
  std::uint16_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace memory
