#include "inspect/runtime_facts.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "elf/debug_file.h"
#include "elf/debug_link.h"
#include "elf/symbols.h"
#include "watch/recognition.h"

namespace inspect {
namespace {

// The runtime of December 2025 has the first also without VALK_METRICS; what it counts under the
// second is compiled out then. A week later the third took its place.
constexpr const char* kOldSystem = "valk_aio_active_system";
constexpr const char* kOldRegistry = "g_valk_metrics";
constexpr const char* kNextRegistry = "g_metrics";

bool was_built_without_metrics(const elf::ElfFile& file) {
  return elf::find_symbol(file, kOldSystem) && !elf::find_symbol(file, kOldRegistry) &&
         !elf::find_symbol(file, kNextRegistry);
}

constexpr std::string_view k2026 = "valkyria_2026_02";

// Where docs/instrumenting.md has no line for a probe, or one that is not compiled.
struct Impossible {
  std::string_view runtime;  // empty: of December 2025 without metrics
  std::string_view probe;
};
constexpr std::array kImpossible{
    Impossible{k2026, "client__cache"},  // its named clients are gone
    Impossible{{}, "request__end"},
    Impossible{{}, "client__operation"},
    Impossible{{}, "client__cache"},
};

}  // namespace

RuntimeFacts read_runtime_facts(const target::Program& program,
                                const std::vector<std::string>& debug_directories) {
  RuntimeFacts facts;
  facts.runtime = watch::runtime_of(program);
  facts.mark = program.mark;
  facts.stripped = program.stripped;
  facts.build_id = program.build_id;
  base::UniqueFd fd(::dup(program.executable.fd.get()));
  const auto file = elf::ElfFile::open(std::move(fd), program.executable.path);
  if (!file) return facts;
  facts.without_metrics = was_built_without_metrics(*file);
  if (const auto section = file->section(".gnu_debuglink")) {
    facts.debug_link = elf::parse_debug_link(section->bytes).value_or("");
  }
  facts.finds_debug_file =
      static_cast<bool>(elf::open_debug_files(*file, debug_directories).separate);
  return facts;
}

bool has_place_for(const RuntimeFacts& facts, std::string_view probe) {
  return std::none_of(kImpossible.begin(), kImpossible.end(), [&](const Impossible& impossible) {
    const bool is_its =
        impossible.runtime.empty() ? facts.without_metrics : impossible.runtime == facts.runtime;
    return is_its && impossible.probe == probe;
  });
}

}  // namespace inspect
