#include "watch/thread_names.h"

#include <fmt/format.h>

#include "target/proc_text.h"

namespace watch {

namespace {

constexpr std::size_t kMaxCommBytes = 256;

}  // namespace

// All at once are forgotten: names change seldom, and numbers of threads are used again.
std::string ThreadNames::get(int pid, std::uint32_t thread, std::uint64_t now_ns) {
  if (names_.size() >= kMaxKept || now_ns - kept_since_ns_ > kKeptNs) {
    names_.clear();
    kept_since_ns_ = now_ns;
  }
  const auto [kept, is_new] = names_.try_emplace({pid, thread});
  if (!is_new) return kept->second;
  const auto path = fmt::format("{}/{}/task/{}/comm", proc_root_, pid, thread);
  if (auto comm = target::read_proc_text(path, kMaxCommBytes)) {
    kept->second = comm->substr(0, comm->find_last_not_of('\n') + 1);
  }
  return kept->second;
}

}  // namespace watch
