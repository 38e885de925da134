#include "target/program.h"

#include <unistd.h>

#include <utility>

#include "elf/build_id.h"
#include "elf/symbols.h"

namespace target {

using base::fail;
using base::Result;

Result<Program> read_program(Executable executable, const Recognition& recognition) {
  base::UniqueFd fd(::dup(executable.fd.get()));
  const auto file = elf::ElfFile::open(std::move(fd), executable.path);
  if (!file) return pass_on(file);
  auto sites = elf::read_usdt_sites(*file, recognition.provider);
  if (!sites) return pass_on(sites);
  Program program{std::move(executable), elf::read_build_id(*file).value_or(""), std::move(*sites),
                  file->segments(), elf::is_stripped(*file)};
  for (const std::string& variable : recognition.variables) {
    if (program.mark.empty() && elf::find_symbol(*file, variable)) program.mark = variable;
  }
  const auto version_now = version_of(program.executable);
  if (!version_now) return pass_on(version_now);
  if (*version_now != program.executable.version) {
    return fail(base::Cause::kChanged, "read {}: it changed meanwhile", program.executable.path);
  }
  return program;
}

Result<Program> read_program_of(const std::string& proc_root, int pid,
                                const Recognition& recognition) {
  auto executable = open_executable_of(proc_root, pid);
  if (!executable) return pass_on(executable);
  const bool loads_others = is_loader(*executable);
  auto program = read_program(std::move(*executable), recognition);
  if (!loads_others || (program && program->is_recognised())) return program;
  for (Executable& mapped : open_mapped_code(proc_root, pid)) {
    auto loaded = read_program(std::move(mapped), recognition);
    if (loaded && loaded->is_recognised()) return loaded;
  }
  return program;
}

}  // namespace target
