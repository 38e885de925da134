#include "state/runtimes/valkyria_functions.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "state/runtimes/text_cache.h"

namespace state::valkyria {
namespace {

constexpr const char* kFlags = "@valk_lval_t.flags";
constexpr const char* kBuiltin = "@valk_lval_t.fun.builtin";
constexpr const char* kBody = "@valk_lval_t.fun.body";

// `flags`: the type in the lowest byte.
constexpr std::uint64_t kTypeMask = 0xff;
constexpr std::uint64_t kFunctionType = 4;

// The root environment of a large script has some 1,000.
constexpr std::uint64_t kMaxBindings = 20'000;
constexpr std::uint64_t kMaxObjectBytes = 256;

constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kLookEveryNs = 10 * kMillisecond;
constexpr std::uint64_t kRebuildEveryNs = 2'000 * kMillisecond;
constexpr std::uint64_t kRebuildAtMostEveryNs = 200 * kMillisecond;  // for what is not known

std::array<const char*, 8> paths_of(const RootPaths& root) {
  return {root.names,       root.name_count, root.values, root.value_count,
          root.collections, kFlags,          kBuiltin,    kBody};
}

std::optional<std::uint64_t> place_of(const Layout& layout, const char* path) {
  const elf::Field* const field = layout.find(path);
  if (field == nullptr || field->size_bytes != sizeof(std::uint64_t)) return std::nullopt;
  const std::uint64_t offset = field->offsets.back();
  return offset + sizeof(std::uint64_t) <= kMaxObjectBytes ? std::optional(offset) : std::nullopt;
}

std::uint64_t word_at(std::span<const std::byte> bytes, std::uint64_t offset) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data() + offset, sizeof(word));
  return word;
}

}  // namespace

void append_paths(std::vector<std::string>& paths, const RootPaths& root) {
  for (const char* const path : paths_of(root)) paths.emplace_back(path);
}

std::uint64_t RootFunctions::Places::end() const {
  return std::max({flags, builtin, body}) + sizeof(std::uint64_t);
}

std::optional<RootFunctions> RootFunctions::open(const RootPaths& root, const Layout& layout,
                                                 std::uint64_t load_bias, Clock now) {
  Layout fields{layout.name, layout.build_id, {}, {}, {}};
  for (const char* const path : paths_of(root)) {
    const elf::Field* const field = layout.find(path);
    if (field == nullptr) return std::nullopt;
    fields.fields.push_back(*field);
  }
  const auto flags = place_of(layout, kFlags);
  const auto builtin = place_of(layout, kBuiltin);
  const auto body = place_of(layout, kBody);
  if (!flags || !builtin || !body) return std::nullopt;
  return RootFunctions(root, std::move(fields), load_bias, {*flags, *builtin, *body},
                       std::move(now));
}

void RootFunctions::prepare(memory::Memory& memory) {
  look(memory, now_());
  for (Names* const names : {&functions_, &bodies_}) {
    for (auto& [address, bound] : *names) bound.since_ns = 0;
  }
}

std::optional<std::string> RootFunctions::name(std::uint64_t function, memory::Memory& memory) {
  const std::uint64_t now_ns = now_();
  if (now_ns - looked_ns_ >= kLookEveryNs) look(memory, now_ns);
  const auto sure_name = [&](const Names& names, std::uint64_t address) {
    const auto found = names.find(address);
    if (found == names.end()) return std::string();
    return is_sure(found->second.since_ns) ? found->second.name : std::string();
  };
  if (functions_.contains(function)) return sure_name(functions_, function);
  if (own_objects_.contains(function)) return std::nullopt;
  const auto object = read_objects(memory, {function}).front();
  if (!object || !is_function(*object) || !is_lasting(*object) || !is_quiet(now_ns)) return "";
  if (object->builtin != 0) {
    return own_code_.contains(object->builtin) ? std::nullopt : std::optional(std::string());
  }
  if (!bodies_.contains(object->body) && now_ns - rebuilt_ns_ >= kRebuildAtMostEveryNs) {
    rebuild(memory, now_ns);
  }
  return sure_name(bodies_, object->body);
}

void RootFunctions::follow(memory::Memory& memory, bool misses_something) {
  const std::uint64_t now_ns = now_();
  if (now_ns - looked_ns_ >= kLookEveryNs) {
    look(memory, now_ns);
    look_for_moves(memory, now_ns);
  }
  if (misses_something && now_ns - rebuilt_ns_ >= kRebuildAtMostEveryNs) rebuild(memory, now_ns);
}

// An arena is used anew when what is still needed of it has been copied: then the root environment
// has every function of it somewhere else.
void RootFunctions::look_for_moves(memory::Memory& memory, std::uint64_t now_ns) {
  if (rebuilt_ns_ == now_ns || bound_functions_.empty()) return;
  const auto values = read_words(memory, values_at_, values_.size());
  const bool has_moved =
      !values || std::any_of(bound_functions_.begin(), bound_functions_.end(),
                             [&](std::size_t i) { return (*values)[i] != values_[i]; });
  if (!has_moved) return;
  moved_ns_ = now_ns;
  rebuild(memory, now_ns);
}

bool RootFunctions::is_sure(std::uint64_t since_ns) const {
  const std::uint64_t now_ns = now_();
  return now_ns - since_ns >= kSampleAgeNs || is_quiet(now_ns);
}

// Nothing was collected in the time that a sample may be old.
bool RootFunctions::is_quiet(std::uint64_t now_ns) const {
  return changed_ns() == 0 || now_ns - changed_ns() >= kSampleAgeNs;
}

void RootFunctions::look(memory::Memory& memory, std::uint64_t now_ns) {
  looked_ns_ = now_ns;
  if (!fields_.read(memory)) return;
  const auto collections = fields_.number(fields_.find(root_.collections));
  const bool has_collected = collections_ && collections != collections_;
  collections_ = collections;
  if (has_collected) collected_ns_ = now_ns;
  if (has_collected || rebuilt_ns_ == 0 || now_ns - rebuilt_ns_ >= kRebuildEveryNs) {
    rebuild(memory, now_ns);
  }
}

std::uint64_t RootFunctions::number(const char* path) const {
  return fields_.number(fields_.find(path)).value_or(0);
}

// The arrays may be left for larger ones, and their memory used anew, while we read: then what was
// known stays, until the next time.
void RootFunctions::rebuild(memory::Memory& memory, std::uint64_t now_ns) {
  rebuilt_ns_ = now_ns;
  if (!fields_.read(memory)) return;
  const std::uint64_t names_at = number(root_.names);
  const std::uint64_t values_at = number(root_.values);
  const auto collections = fields_.number(fields_.find(root_.collections));
  const std::uint64_t count =
      std::min({number(root_.name_count), number(root_.value_count), kMaxBindings});
  const auto names = read_words(memory, names_at, count);
  const auto values = read_words(memory, values_at, count);
  if (!names || !values) return;
  const auto objects = read_objects(memory, *values);
  TextCache texts;
  if (!texts.read(memory, *names) || !fields_.read(memory)) return;
  if (number(root_.names) != names_at || number(root_.values) != values_at ||
      fields_.number(fields_.find(root_.collections)) != collections) {
    return;
  }
  Names functions;
  Names bodies;
  Names bound_texts;
  own_objects_.clear();
  own_code_.clear();
  bound_functions_.clear();
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto& object = objects[i];
    const auto name = texts.find((*names)[i]);
    if (!object || !name || !is_function(*object)) continue;
    if (object->builtin == 0) {
      bound_functions_.push_back(i);
      bind(bound_texts, texts_, object->body, *name, now_ns);
    }
    if (!is_lasting(*object)) continue;
    if (object->builtin != 0) {
      own_objects_.insert((*values)[i]);
      own_code_.insert(object->builtin);
    } else {
      bind(functions, functions_, (*values)[i], *name, now_ns);
      bind(bodies, bodies_, object->body, *name, now_ns);
    }
  }
  functions_ = std::move(functions);
  bodies_ = std::move(bodies);
  texts_ = std::move(bound_texts);
  values_ = *values;
  values_at_ = values_at;
}

void RootFunctions::bind(Names& names, const Names& before, std::uint64_t address,
                         const std::string& name, std::uint64_t now_ns) {
  const auto known = before.find(address);
  const bool is_known = known != before.end() && known->second.name == name;
  names.try_emplace(address, Bound{name, is_known ? known->second.since_ns : now_ns});
}

bool RootFunctions::is_function(const Object& object) {
  return (object.flags & kTypeMask) == kFunctionType;
}

bool RootFunctions::is_lasting(const Object& object) {
  return (object.flags & kLastingMask) != 0;
}

std::optional<std::vector<std::uint64_t>> RootFunctions::read_words(memory::Memory& memory,
                                                                    std::uint64_t address,
                                                                    std::size_t count) {
  std::vector<std::uint64_t> words(count);
  if (count == 0) return words;
  std::array pieces{memory::Piece{address, std::as_writable_bytes(std::span(words))}};
  if (!memory.read(pieces) || !pieces[0].complete) return std::nullopt;
  return words;
}

// None: it is not there.
std::vector<std::optional<RootFunctions::Object>> RootFunctions::read_objects(
    memory::Memory& memory, const std::vector<std::uint64_t>& addresses) const {
  std::vector<std::optional<Object>> objects(addresses.size());
  const std::size_t stride = places_.end();
  std::vector<std::byte> bytes(stride * addresses.size());
  std::vector<memory::Piece> pieces;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    pieces.push_back({addresses[i], std::span(bytes).subspan(i * stride, stride)});
  }
  if (pieces.empty() || !memory.read(pieces)) return objects;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (!pieces[i].complete) continue;
    const std::span<const std::byte> object = pieces[i].into;
    objects[i] = Object{word_at(object, places_.flags), word_at(object, places_.builtin),
                        word_at(object, places_.body)};
  }
  return objects;
}

}  // namespace state::valkyria
