#include "watch/name_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace watch {
namespace {

// Whether they may be one after the other: of the marks, those that a restart leaves as they are.
bool are_alike(const target::Marks& a, const target::Marks& b) {
  return a.base == b.base && a.unit == b.unit && a.script == b.script && a.uid == b.uid;
}

// "shop" before "shop-2" before "shop-10".
bool is_lower(const std::string& a, const std::string& b) {
  return std::pair(a.size(), a) < std::pair(b.size(), b);
}

std::string with_end(const std::string& base, const std::string& end) {
  const std::size_t room = target::kMaxNameBytes - std::min(end.size(), target::kMaxNameBytes / 2);
  return target::clean_name(base, room) + target::clean_name(end, target::kMaxNameBytes / 2);
}

}  // namespace

NameBook::NameBook(std::size_t max_things) : max_things_(std::max<std::size_t>(max_things, 1)) {}

void NameBook::restore(std::vector<NamedThing> things) {
  for (NamedThing& thing : things) {
    if (things_.size() >= max_things_ || !is_free(thing.name)) continue;
    thing.is_hearsay = !thing.has_ended;
    things_.push_back(std::move(thing));
  }
}

std::optional<std::string> NameBook::name(const Owner& owner, const target::Marks& marks,
                                          std::uint64_t start_ns, std::uint64_t now_ns, Port port) {
  forget(now_ns);
  NamedThing* thing = find_owned(owner);
  if (thing != nullptr && thing->marks.base != marks.base) {
    // It runs something else by now, or is to be named in another way.
    end(owner, now_ns);
    thing->owner = {};
    thing = nullptr;
  }
  if (thing == nullptr) {
    if (port == Port::kMayCome && must_wait_for_port(marks, start_ns, now_ns)) return std::nullopt;
    thing = find_left_by_predecessor(marks, start_ns);
  }
  if (thing == nullptr) thing = &things_.emplace_back(NamedThing{new_name(marks), marks, {}});
  const bool is_known = thing->owner == owner && !thing->has_ended && thing->marks == marks;
  if (!is_known) ++changes_;
  const std::uint16_t known_port = marks.port != 0 ? marks.port : thing->marks.port;
  thing->marks = marks;
  thing->marks.port = known_port;
  thing->owner = owner;
  thing->has_ended = false;
  thing->is_hearsay = false;
  return thing->name;
}

void NameBook::learn_port(const Owner& owner, std::uint16_t port) {
  NamedThing* const thing = find_owned(owner);
  if (thing == nullptr || port == 0 || thing->marks.port == port) return;
  thing->marks.port = port;
  ++changes_;
}

void NameBook::end(const Owner& owner, std::uint64_t now_ns) {
  NamedThing* const thing = find_owned(owner);
  if (thing == nullptr || thing->has_ended) return;
  thing->has_ended = true;
  thing->is_hearsay = false;
  thing->ended_ns = now_ns;
  thing->kept_until_ns = now_ns + kKeptNs;
  ++changes_;
}

std::vector<Owner> NameBook::hearsay() const {
  std::vector<Owner> owners;
  for (const NamedThing& thing : things_) {
    if (thing.is_hearsay) owners.push_back(thing.owner);
  }
  return owners;
}

void NameBook::end_unseen(const Owner& owner, std::uint64_t now_ns) {
  NamedThing* const thing = find_owned(owner);
  if (thing == nullptr || !thing->is_hearsay) return;
  const std::uint64_t last_seen_ns = thing->ended_ns;
  end(owner, now_ns);
  thing->ended_ns = last_seen_ns;
}

NamedThing* NameBook::find_owned(const Owner& owner) {
  if (owner.pid == 0) return nullptr;
  const auto found = std::find_if(things_.begin(), things_.end(),
                                  [&](const NamedThing& thing) { return thing.owner == owner; });
  return found == things_.end() ? nullptr : &*found;
}

// Who started while its owner ran is no successor: what it has counted since would be taken for
// counted by now. One with another port is another instance, unless there is only this one.
NamedThing* NameBook::find_left_by_predecessor(const target::Marks& marks, std::uint64_t start_ns) {
  const auto alike = std::count_if(things_.begin(), things_.end(), [&](const NamedThing& thing) {
    return are_alike(thing.marks, marks);
  });
  const auto may_precede = [&](const NamedThing& thing) {
    return thing.has_ended && are_alike(thing.marks, marks) &&
           start_ns + kSlackNs >= thing.ended_ns;
  };
  // Of one that does not listen yet, there is no doubt where only one is missing.
  const bool is_only_one =
      marks.port == 0 && std::count_if(things_.begin(), things_.end(), may_precede) == 1;
  NamedThing* best = nullptr;
  for (NamedThing& thing : things_) {
    if (!may_precede(thing)) continue;
    const bool is_same_port = thing.marks.port == marks.port;
    if (!is_same_port && thing.marks.port != 0 && alike > 1 && !is_only_one) continue;
    const bool is_better_port = best != nullptr && is_same_port && best->marks.port != marks.port;
    const bool is_equal_port = best != nullptr && is_same_port == (best->marks.port == marks.port);
    if (best == nullptr || is_better_port || (is_equal_port && is_lower(thing.name, best->name))) {
      best = &thing;
    }
  }
  return best;
}

// Only where others that are alike are told apart by theirs: a script without any never waits.
bool NameBook::must_wait_for_port(const target::Marks& marks, std::uint64_t start_ns,
                                  std::uint64_t now_ns) const {
  if (start_ns + kPortTimeNs <= now_ns) return false;
  if (marks.is_port_wanted) return true;
  if (marks.port != 0) return false;
  std::size_t alike = 0;
  bool any_port = false;
  bool any_runs = false;
  for (const NamedThing& thing : things_) {
    if (!are_alike(thing.marks, marks)) continue;
    ++alike;
    any_port = any_port || thing.marks.port != 0;
    any_runs = any_runs || !thing.has_ended;
  }
  return any_port && (any_runs || alike > 1);
}

std::string NameBook::new_name(const target::Marks& marks) const {
  if (is_free(marks.base)) return marks.base;
  // Of no use where another one of this base has the same.
  const auto is_alone = [&](auto member) {
    return std::none_of(things_.begin(), things_.end(), [&](const NamedThing& thing) {
      return thing.marks.base == marks.base && thing.marks.*member == marks.*member;
    });
  };
  if (!marks.script.empty() && is_alone(&target::Marks::script)) {
    auto name = with_end(marks.base, ":" + marks.script);
    if (is_free(name)) return name;
  }
  if (marks.port != 0 && is_alone(&target::Marks::port)) {
    auto name = with_end(marks.base, fmt::format(":{}", marks.port));
    if (is_free(name)) return name;
  }
  // At most one more than there are names.
  for (int number = 2;; ++number) {
    auto name = with_end(marks.base, fmt::format("-{}", number));
    if (is_free(name)) return name;
  }
}

bool NameBook::is_free(const std::string& name) const {
  return std::none_of(things_.begin(), things_.end(),
                      [&](const NamedThing& thing) { return thing.name == name; });
}

void NameBook::forget(std::uint64_t now_ns) {
  const auto forgotten = std::erase_if(things_, [&](const NamedThing& thing) {
    return thing.has_ended && thing.kept_until_ns <= now_ns;
  });
  if (forgotten > 0) ++changes_;
  if (things_.size() < max_things_) return;
  const auto first = find_first_to_forget();
  if (first == things_.end()) return;  // all of them run: there is no limit on these here
  things_.erase(first);
  ++changes_;
}

// Of the user that has most of those that ended, the one that ended first: nobody pushes others'
// names out by many of his own. Root's go last of all.
std::vector<NamedThing>::iterator NameBook::find_first_to_forget() {
  std::map<std::uint32_t, std::size_t> ended;
  for (const NamedThing& thing : things_) {
    if (thing.has_ended) ++ended[thing.marks.uid];
  }
  const auto most = std::max_element(ended.begin(), ended.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first != 0, a.second) < std::pair(b.first != 0, b.second);
  });
  auto first = things_.end();
  for (auto thing = things_.begin(); most != ended.end() && thing != things_.end(); ++thing) {
    if (!thing->has_ended || thing->marks.uid != most->first) continue;
    if (first == things_.end() || thing->ended_ns < first->ended_ns) first = thing;
  }
  return first;
}

}  // namespace watch
