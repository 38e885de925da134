#include "agent/loop_fields.h"

#include <unistd.h>

#include <utility>

#include "elf/libuv.h"
#include "target/mapped_file.h"

namespace agent {
namespace {

base::Result<void> check_libuv_in(const target::Executable& file) {
  const auto elf_file = elf::ElfFile::open(base::UniqueFd(::dup(file.fd.get())), file.path);
  return elf_file ? elf::check_libuv(*elf_file) : tl::make_unexpected(elf_file.error());
}

}  // namespace

base::Result<void> check_libuv_of(const std::string& proc_root, int pid,
                                  const target::Program& program,
                                  std::span<const target::Mapping> mappings) {
  const auto library = target::open_mapped_file(proc_root, pid, mappings, "libuv.so");
  if (!library) return tl::make_unexpected(library.error());
  return check_libuv_in(*library ? **library : program.executable);
}

}  // namespace agent
