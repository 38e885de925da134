#include "state/runtimes/libuv.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "elf/symbols.h"
#include "state/runtimes/number_table.h"

namespace state {
namespace {

using base::fail;
using base::Result;

// Bytes from uv_loop_t::internal_fields.
constexpr std::uint64_t kLoopCount = 8;
constexpr std::uint64_t kEvents = 16;
constexpr std::uint64_t kEntryTime = 136;
constexpr std::uint64_t kIdleTime = 144;

constexpr std::string_view kCast = "{uv__loop_internal_fields_t}->loop_metrics.";

struct KnownOffset {
  std::string_view name;
  std::uint64_t offset;
};
constexpr std::array kOffsets{
    KnownOffset{"metrics.loop_count", kLoopCount},
    KnownOffset{"metrics.events", kEvents},
    KnownOffset{"provider_entry_time", kEntryTime},
    KnownOffset{"provider_idle_time", kIdleTime},
};

constexpr std::uint32_t kFirstVersion = 0x01'2d'00;  // 1.45.0: counts of turns and events
constexpr std::uint32_t kNextMajor = 0x02'00'00;
constexpr std::size_t kMaxFunctionBytes = 512;
constexpr std::size_t kVersionFunctionBytes = 16;

std::optional<std::string> code_of(const elf::ElfFile& file, std::string_view function,
                                   std::size_t max_bytes) {
  const auto symbol = elf::find_symbol(file, function);
  if (!symbol || !symbol->is_function) return std::nullopt;
  const auto offset = file.file_offset(symbol->address);
  if (!offset) return std::nullopt;
  return file.read_at(*offset, std::min<std::uint64_t>(symbol->size_bytes, max_bytes));
}

// `return VERSION;`, maybe after endbr64: mov $imm32,%eax; ret.
std::optional<std::uint32_t> version_of(const elf::ElfFile& file) {
  const auto code = code_of(file, "uv_version", kVersionFunctionBytes);
  if (!code) return std::nullopt;
  constexpr std::size_t kInstructions = 6;
  const std::size_t at = code->find('\xb8');
  if (at == std::string::npos || code->size() < at + kInstructions) return std::nullopt;
  if (code->at(at + kInstructions - 1) != '\xc3') return std::nullopt;
  std::uint32_t version = 0;
  std::memcpy(&version, code->data() + at + 1, sizeof version);
  return version;
}

// As a 32-bit displacement in an instruction.
bool mentions(const std::string& code, std::uint32_t displacement) {
  char bytes[sizeof displacement];
  std::memcpy(bytes, &displacement, sizeof displacement);
  return code.find(std::string_view(bytes, sizeof bytes)) != std::string::npos;
}

// The field of a missing path, if it is one of libuv's and the pointer before it is known.
std::optional<elf::Field> field_for(const Layout& layout, const std::string& path) {
  const std::size_t cast = path.find(kCast);
  if (cast == std::string::npos) return std::nullopt;
  const elf::Field* const pointer = layout.find(path.substr(0, cast));
  const std::string_view name = std::string_view(path).substr(cast + kCast.size());
  const auto* const member =
      std::find_if(kOffsets.begin(), kOffsets.end(),
                   [&](const KnownOffset& known) { return known.name == name; });
  if (pointer == nullptr || pointer->kind != elf::FieldKind::kPointer || member == kOffsets.end()) {
    return std::nullopt;
  }
  elf::Field field = *pointer;
  field.path = path;
  field.offsets.push_back(member->offset);
  field.size_bytes = sizeof(std::uint64_t);
  field.kind = elf::FieldKind::kUnsigned;
  return field;
}

}  // namespace

Result<void> check_libuv(const elf::ElfFile& file) {
  const auto idle_time = code_of(file, "uv_metrics_idle_time", kMaxFunctionBytes);
  if (!idle_time) return fail("{} has no libuv that we could recognise", file.name());
  const auto version = version_of(file);
  const bool is_known = !version || (*version >= kFirstVersion && *version < kNextMajor);
  if (!is_known || !elf::find_symbol(file, "uv_metrics_info")) {
    return fail("{} has a libuv that does not count its loop's turns (before 1.45)", file.name());
  }
  if (!mentions(*idle_time, kEntryTime) || !mentions(*idle_time, kIdleTime)) {
    return fail("{} has a libuv whose loop metrics stand elsewhere than we know", file.name());
  }
  return {};
}

bool lacks_libuv_fields(const Layout& layout) {
  return std::any_of(
      layout.missing.begin(), layout.missing.end(),
      [&](const MissingField& missing) { return field_for(layout, missing.path).has_value(); });
}

void add_libuv_fields(Layout& layout) {
  std::erase_if(layout.missing, [&](const MissingField& missing) {
    auto field = field_for(layout, missing.path);
    if (field) layout.fields.push_back(std::move(*field));
    return field.has_value();
  });
}

void append_paths(std::vector<std::string>& paths, const LoopPaths& loop) {
  for (const char* path :
       {loop.internals, loop.turns, loop.events, loop.idle_ns, loop.waits_since_ns}) {
    paths.emplace_back(path);
  }
}

LoopCounters::LoopCounters(const LoopPaths& paths, const FieldReader& fields)
    : turns_(fields.find(paths.turns)),
      events_(fields.find(paths.events)),
      idle_ns_(fields.find(paths.idle_ns)),
      waits_since_ns_(fields.find(paths.waits_since_ns)) {}

void LoopCounters::fill(model::SystemMetrics& system, const FieldReader& fields, bool may_wait,
                        Moment moment) {
  system.loop_iterations = fields.number(turns_);
  system.loop_events = fields.number(events_);
  system.loop_idle_ns =
      idle_.tell(fields.number(idle_ns_), fields.number(waits_since_ns_), may_wait, moment);
}

// A wait is added when it is over, so the one that goes on is added here. The clock was read before
// the memory, and the largest so far counts. While the process is stopped nothing is added, and
// what the runtime adds for it later is taken off, from reading to reading.
model::Count IdleTime::tell(model::Count idle_ns, model::Count waits_since_ns, bool may_wait,
                            Moment moment) {
  if (!idle_ns || !waits_since_ns) return std::nullopt;
  const std::uint64_t since_ns = *waits_since_ns;
  const bool waits = may_wait && since_ns != 0 && since_ns < moment.now_ns;
  if (waits && !moment.is_running && stopped_at_ns_) {
    stopped_ns_ += moment.now_ns - std::max(*stopped_at_ns_, since_ns);
  }
  stopped_at_ns_ = moment.is_running ? std::nullopt : model::Count(moment.now_ns);
  const model::Count total =
      sum(idle_ns, waits && moment.is_running ? moment.now_ns - since_ns : 0);
  if (!total) return std::nullopt;
  told_ns_ = std::max(told_ns_, *total - std::min(*total, stopped_ns_));
  return told_ns_;
}

void LoopCounters::append_members(std::vector<model::Member>& members) const {
  if (turns_) members.emplace_back(&model::SystemMetrics::loop_iterations);
  if (events_) members.emplace_back(&model::SystemMetrics::loop_events);
  if (idle_ns_ && waits_since_ns_) members.emplace_back(&model::SystemMetrics::loop_idle_ns);
}

}  // namespace state
