#include "state/runtimes/valkyria_bodies.h"

#include <utility>

#include "state/runtimes/page_cache.h"

namespace state::valkyria {
namespace {

constexpr const char* kFlags = "@valk_lval_t.flags";
constexpr const char* kHead = "@valk_lval_t.cons.head";
constexpr const char* kTail = "@valk_lval_t.cons.tail";
// Of the arena that an expression of a script is evaluated in.
constexpr const char* kArenaBytes = "g_scratch_for_signal->capacity";
constexpr const char* kArenaUses = "g_scratch_for_signal->stats.num_checkpoints";

// The type in the lowest byte of the flags: a list, to be evaluated or quoted.
constexpr std::uint64_t kTypeMask = 0xff;
constexpr std::uint64_t kList = 7;
constexpr std::uint64_t kQuotedList = 8;

// Of all functions together; a large script has some 10,000.
constexpr std::size_t kMaxElements = 100'000;
constexpr std::size_t kMaxBodyElements = 1'000;

constexpr std::size_t kMaxParts = 10'000;

constexpr std::uint64_t kLookEveryNs = 1'000'000;
constexpr std::uint64_t kRebuildAtMostEveryNs = 500'000'000;

bool is_list(std::uint64_t flags) {
  return (flags & kTypeMask) == kList || (flags & kTypeMask) == kQuotedList;
}

std::optional<std::uint64_t> place_of(const Layout& layout, const char* path) {
  const elf::Field* const field = layout.find(path);
  if (field == nullptr || field->size_bytes != sizeof(std::uint64_t)) return std::nullopt;
  return field->offsets.back();  // at most 4 MiB
}

}  // namespace

std::vector<std::string> BodyElements::paths() {
  return {kFlags, kHead, kTail, kArenaBytes, kArenaUses};
}

std::optional<BodyElements> BodyElements::open(const Layout& layout, std::uint64_t load_bias,
                                               RootFunctions::Clock now) {
  const auto flags = place_of(layout, kFlags);
  const auto head = place_of(layout, kHead);
  const auto tail = place_of(layout, kTail);
  Layout arena{layout.name, layout.build_id, {}, {}, {}};
  for (const char* const path : {kArenaBytes, kArenaUses}) {
    if (const elf::Field* const field = layout.find(path)) arena.fields.push_back(*field);
  }
  if (!flags || !head || !tail || arena.fields.size() != 2) return std::nullopt;
  return BodyElements({*flags, *head, *tail}, FieldReader(std::move(arena), load_bias),
                      std::move(now));
}

void BodyElements::prepare(memory::Memory& memory) {
  look_at_arena(memory);
  arena_reused_ns_ = 0;
}

std::string BodyElements::name(std::uint64_t part_of_body, RootFunctions& functions,
                               memory::Memory& memory) {
  const auto element = first_element(part_of_body, functions, memory);
  if (!element) return "";
  const std::uint64_t now_ns = now_();
  const bool is_outdated =
      functions.read_ns() != functions_read_ns_ && now_ns - rebuilt_ns_ >= kRebuildAtMostEveryNs;
  if (is_outdated || functions.changed_ns() > rebuilt_ns_) rebuild(functions, memory);
  const auto known = elements_.find(*element);
  if (known == elements_.end() || !functions.is_sure(known->second.since_ns)) return "";
  return known->second.function;
}

// What was read is what the sample saw only if nothing has changed up to after the reading. What
// was read before stays so; samples are older than their naming by far more than a look.
std::optional<std::uint64_t> BodyElements::first_element(std::uint64_t part,
                                                         RootFunctions& functions,
                                                         memory::Memory& memory) {
  if (now_() - looked_ns_ >= kLookEveryNs) look(functions, memory);
  if (const auto known = parts_.find(part); known != parts_.end()) return known->second;
  PageCache pages(memory);
  const auto flags = pages.word(part + places_.flags);
  const auto head = pages.word(part + places_.head);
  look(functions, memory);
  if (!flags || !head || !is_list(*flags)) return std::nullopt;
  if (!is_still_there(part, *flags, functions)) return std::nullopt;
  if (parts_.size() < kMaxParts) parts_.emplace(part, *head);
  return head;
}

void BodyElements::look(RootFunctions& functions, memory::Memory& memory) {
  const std::uint64_t reused_ns = arena_reused_ns_;
  functions.look(memory);
  look_at_arena(memory);
  looked_ns_ = now_();
  if (arena_reused_ns_ != reused_ns || functions.changed_ns() != collected_ns_) parts_.clear();
  collected_ns_ = functions.changed_ns();
}

// Its uses are counted before it is used anew.
void BodyElements::look_at_arena(memory::Memory& memory) {
  const auto uses = arena_.read(memory) ? arena_.number(arena_.find(kArenaUses)) : std::nullopt;
  if (!uses || uses != arena_uses_) arena_reused_ns_ = now_();
  arena_uses_ = uses;
}

bool BodyElements::is_still_there(std::uint64_t part, std::uint64_t flags,
                                  const RootFunctions& functions) const {
  if (!functions.is_quiet()) return false;
  if ((flags & kLastingMask) != 0) return true;
  const bool is_reused =
      arena_reused_ns_ != 0 && now_() - arena_reused_ns_ < RootFunctions::kSampleAgeNs;
  return !is_reused && is_in_arena(part);
}

// Behind its fields.
bool BodyElements::is_in_arena(std::uint64_t part) const {
  const auto begin = arena_.address(arena_.find(kArenaUses));
  const auto bytes = arena_.number(arena_.find(kArenaBytes));
  return begin && bytes && part > *begin && part - *begin < *bytes;
}

std::vector<std::uint64_t> BodyElements::elements_of(std::uint64_t body, PageCache& memory) const {
  std::vector<std::uint64_t> elements;
  while (elements.size() < kMaxBodyElements) {
    const auto head = memory.word(body + places_.head);
    const auto tail = memory.word(body + places_.tail);
    if (!is_list(memory.word(body + places_.flags).value_or(0)) || !tail || !head || *head == 0) {
      break;
    }
    elements.push_back(*head);
    body = *tail;
  }
  return elements;
}

void BodyElements::rebuild(const RootFunctions& functions, memory::Memory& memory) {
  rebuilt_ns_ = now_();
  functions_read_ns_ = functions.read_ns();
  PageCache pages(memory);
  Elements elements;
  for (const auto& [body, bound] : functions.bodies()) {
    for (const std::uint64_t element : elements_of(body, pages)) {
      if (elements.size() >= kMaxElements) break;
      const auto before = elements_.find(element);
      const bool is_known = before != elements_.end() && before->second.function == bound.name;
      const auto [known, is_new] = elements.try_emplace(
          element, Element{bound.name, is_known ? before->second.since_ns : bound.since_ns});
      if (!is_new && known->second.function != bound.name) known->second.function.clear();
    }
  }
  elements_ = std::move(elements);
}

}  // namespace state::valkyria
