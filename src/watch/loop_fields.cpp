#include "watch/loop_fields.h"

#include <unistd.h>

#include <utility>

#include "state/runtimes/libuv.h"
#include "target/mapped_file.h"

namespace watch {
namespace {

base::Result<void> check_libuv_in(const target::Executable& file) {
  const auto elf_file = elf::ElfFile::open(base::UniqueFd(::dup(file.fd.get())), file.path);
  return elf_file ? state::check_libuv(*elf_file) : base::pass_on(elf_file);
}

}  // namespace

base::Result<void> check_libuv_of(const std::string& proc_root, int pid,
                                  const target::Program& program,
                                  std::span<const target::Mapping> mappings) {
  const auto library = target::open_mapped_file(proc_root, pid, mappings, state::kLibuvLibrary);
  if (!library) return base::pass_on(library);
  return check_libuv_in(*library ? **library : program.executable);
}

}  // namespace watch
