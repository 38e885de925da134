#include "watch/recognition.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <utility>

#include "state/known_layouts.h"
#include "target/process_status.h"

namespace watch {

using base::fail;
using base::Result;

target::Recognition recognition() {
  target::Recognition recognition{std::string(probe::kProvider), {}};
  for (const state::KnownLayout& known : state::known_layouts()) {
    recognition.variables.emplace_back(known.mark);
  }
  return recognition;
}

std::string_view runtime_of(const target::Program& program) {
  for (const state::KnownLayout& known : state::known_layouts()) {
    if (known.mark == program.mark) return known.name;
  }
  return {};
}

Result<void> require_recognised(const target::Program& program) {
  if (program.is_recognised()) return {};
  std::string variables;
  for (const std::string& variable : recognition().variables) {
    variables += variables.empty() ? "" : ", ";
    variables += variable;
  }
  return fail(
      "{} has no probes of the provider \"{}\" and is no runtime that we know, which would have "
      "one of the symbols {} (give the runtime itself, not a script that starts it; build it with "
      "<valkyria/probes.h>, and don't strip its .note.stapsdt section or its symbols)",
      program.executable.path, probe::kProvider, variables);
}

Result<std::optional<std::string>> find_return_fault(const std::string& proc_root, int pid) {
  const auto is_filtered = target::is_under_seccomp(proc_root, pid);
  if (!is_filtered) return base::pass_on(is_filtered);
  utsname name{};
  ::uname(&name);
  return probe::find_return_fault(*is_filtered, name.release);
}

Result<probe::FunctionCheck> find_functions(const std::string& proc_root, int pid,
                                            const target::Program& program) {
  const auto return_fault = find_return_fault(proc_root, pid);
  if (!return_fault) return base::pass_on(return_fault);
  base::UniqueFd fd(::dup(program.executable.fd.get()));
  const auto file = elf::ElfFile::open(std::move(fd), program.executable.path);
  if (!file) return base::pass_on(file);
  return probe::check_functions(*file, runtime_of(program), *return_fault);
}

}  // namespace watch
