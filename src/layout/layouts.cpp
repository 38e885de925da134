#include "layout/layouts.h"

#include <utility>

#include "elf/content_hash.h"
#include "state/known_layouts.h"
#include "state/layout_text.h"

namespace layout {
namespace {

using base::fail;
using base::Result;

constexpr std::uint64_t kMaxHashedBytes = 256 * 1024 * 1024;  // a quarter of a second
constexpr std::size_t kMaxFailures = 1'000;
constexpr std::chrono::minutes kForgetFailure{10};

std::string text_of(const std::string& build_id) {
  return build_id.empty() ? "none" : build_id;
}

}  // namespace

Result<Layouts> Layouts::open(const Config& config) {
  Layouts layouts(config);
  if (config.layout_file.empty()) return layouts;
  auto given = state::read_layout_file(config.layout_file);
  if (!given) return base::pass_on(given);
  if (given->build_id.empty()) {
    return fail("use layout {}: it names no build id, so it fits no executable for sure",
                config.layout_file);
  }
  layouts.given_ = std::move(*given);
  return layouts;
}

Result<void> Layouts::check_given(const std::string& build_id,
                                  const std::string& executable) const {
  if (!given_ || given_->build_id == build_id) return {};
  return fail(
      "use layout {} for {}: it is of another build (build id {} where the executable has {}); "
      "make "
      "one from the debug build of this executable: valkyria_exporter resolve --exe DEBUGBUILD -o "
      "FILE",
      config_.layout_file, executable, given_->build_id, text_of(build_id));
}

Result<FoundLayout> Layouts::find(const target::Program& program,
                                  std::chrono::milliseconds max_time, const std::stop_token& stop) {
  if (given_ && given_->build_id == program.build_id) {
    return FoundLayout{*given_, "the file " + config_.layout_file};
  }
  std::optional<std::string> content_hash;
  if (auto hash = elf::hash_content(program.executable.fd.get(), program.executable.path,
                                    kMaxHashedBytes)) {
    content_hash = std::move(*hash);
  }
  if (content_hash) {
    if (auto cached = cache_.find(*content_hash); cached && state::is_current(*cached)) {
      return FoundLayout{std::move(*cached), "the cache"};
    }
    const auto known = failures_.find(*content_hash);
    if (known != failures_.end() && std::chrono::steady_clock::now() < known->second.until) {
      return fail("{}", known->second.message);
    }
  }
  return resolve(program, content_hash, max_time, stop);
}

Result<FoundLayout> Layouts::resolve(const target::Program& program,
                                     const std::optional<std::string>& content_hash,
                                     std::chrono::milliseconds max_time,
                                     const std::stop_token& stop) {
  const int fd = program.executable.fd.get();
  const std::string& path = program.executable.path;
  const auto begun = std::chrono::steady_clock::now();
  auto layout = resolve_in_child(fd, path, config_.debug_directories, max_time, stop);
  if (!layout) {
    // Less time than usual, at the start, says nothing of the program.
    const auto now = std::chrono::steady_clock::now();
    if (failures_.size() >= kMaxFailures) failures_.clear();
    if (content_hash && now - begun >= kResolveTime) {
      failures_[*content_hash] = {layout.error().message, now + kForgetFailure};
    }
    return base::pass_on(layout);
  }
  // A file that nobody runs any more can be rewritten: then this is not the layout of that hash.
  const auto hash_now = elf::hash_content(fd, path, kMaxHashedBytes);
  if (content_hash && hash_now && *hash_now == *content_hash) cache_.store(*hash_now, *layout);
  return FoundLayout{std::move(*layout), "debug information"};
}

}  // namespace layout
