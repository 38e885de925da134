#include "elf/libuv.h"

#include <algorithm>
#include <cstring>

#include "elf/symbols.h"

namespace elf {
namespace {

using base::fail;
using base::Result;

constexpr std::uint32_t kFirstVersion = 0x01'2d'00;  // 1.45.0: counts of turns and events
constexpr std::uint32_t kNextMajor = 0x02'00'00;
constexpr std::size_t kMaxFunctionBytes = 512;
constexpr std::size_t kVersionFunctionBytes = 16;

std::optional<std::string> code_of(const ElfFile& file, std::string_view function,
                                   std::size_t max_bytes) {
  const auto symbol = find_symbol(file, function);
  if (!symbol || !symbol->is_function) return std::nullopt;
  const auto offset = file.file_offset(symbol->address);
  if (!offset) return std::nullopt;
  return file.read_at(*offset, std::min<std::uint64_t>(symbol->size_bytes, max_bytes));
}

// `return VERSION;`, maybe after endbr64: mov $imm32,%eax; ret.
std::optional<std::uint32_t> version_of(const ElfFile& file) {
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

}  // namespace

Result<void> check_libuv(const ElfFile& file) {
  const auto idle_time = code_of(file, "uv_metrics_idle_time", kMaxFunctionBytes);
  if (!idle_time) return fail("{} has no libuv that we could recognise", file.name());
  const auto version = version_of(file);
  const bool is_known = !version || (*version >= kFirstVersion && *version < kNextMajor);
  if (!is_known || !find_symbol(file, "uv_metrics_info")) {
    return fail("{} has a libuv that does not count its loop's turns (before 1.45)", file.name());
  }
  if (!mentions(*idle_time, LibuvLoopMetrics::kEntryTime) ||
      !mentions(*idle_time, LibuvLoopMetrics::kIdleTime)) {
    return fail("{} has a libuv whose loop metrics stand elsewhere than we know", file.name());
  }
  return {};
}

}  // namespace elf
