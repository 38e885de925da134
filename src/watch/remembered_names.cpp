#include "watch/remembered_names.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "target/naming.h"

namespace watch {
namespace {

using base::fail;
using base::Result;

constexpr std::string_view kVersionLine = "valkyria_exporter names 1";
constexpr std::size_t kMaxThings = 10'000;

std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

// A line that is taken apart, word by word. Once something is wrong, all of it is.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  std::string text() {
    const std::string_view word = take_until(rest_, '\t');
    if (target::clean_name(word) != word) is_right_ = false;
    return std::string(word);
  }
  template <typename Number>
  Number number() {
    const std::string_view word = take_until(rest_, '\t');
    Number number = 0;
    const char* const end = word.data() + word.size();
    const auto [rest, error] = std::from_chars(word.data(), end, number);
    if (error != std::errc{} || rest != end) is_right_ = false;
    return number;
  }
  bool is_right_and_empty() const { return is_right_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_right_ = true;
};

std::optional<NamedThing> parse_thing(std::string_view line) {
  Words words(line);
  NamedThing thing;
  thing.name = words.text();
  thing.marks.base = words.text();
  thing.marks.unit = words.text();
  thing.marks.script = words.text();
  thing.marks.uid = words.number<std::uint32_t>();
  thing.marks.port = words.number<std::uint16_t>();
  thing.owner.pid = words.number<int>();
  thing.owner.start_ticks = words.number<std::uint64_t>();
  thing.has_ended = words.number<unsigned>() != 0;
  thing.ended_ns = words.number<std::uint64_t>();
  thing.kept_until_ns = words.number<std::uint64_t>();
  if (!words.is_right_and_empty()) return std::nullopt;
  if (thing.name.empty() || thing.marks.base.empty() || thing.owner.pid < 0) return std::nullopt;
  return thing;
}

}  // namespace

std::string write_names(const RememberedNames& names) {
  std::string text = fmt::format("{}\n{}\t{}\n", kVersionLine, names.boot_id, names.written_ns);
  for (const NamedThing& thing : names.things) {
    const target::Marks& marks = thing.marks;
    text += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", thing.name, marks.base,
                        marks.unit, marks.script, marks.uid, marks.port, thing.owner.pid,
                        thing.owner.start_ticks, thing.has_ended ? 1 : 0, thing.ended_ns,
                        thing.kept_until_ns);
  }
  return text;
}

Result<RememberedNames> parse_names(std::string_view text) {
  if (!text.ends_with('\n')) return fail("it is cut");
  if (take_until(text, '\n') != kVersionLine) return fail("it is of another version, or no such");
  RememberedNames names;
  Words head(take_until(text, '\n'));
  names.boot_id = head.text();
  names.written_ns = head.number<std::uint64_t>();
  if (!head.is_right_and_empty()) return fail("line 2 says no boot and time");
  for (std::size_t line = 3; !text.empty(); ++line) {
    auto thing = parse_thing(take_until(text, '\n'));
    if (!thing) return fail("line {} is no name", line);
    if (names.things.size() >= kMaxThings) return fail("more than {} names", kMaxThings);
    names.things.push_back(std::move(*thing));
  }
  return names;
}

std::vector<NamedThing> names_after_restart(RememberedNames remembered, const std::string& boot_id,
                                            std::uint64_t now_ns) {
  const bool is_same_boot = remembered.boot_id == boot_id && remembered.written_ns <= now_ns;
  for (NamedThing& thing : remembered.things) {
    if (is_same_boot) {
      // When one that runs by this has ended, its end is not known: it was there when this was
      // written.
      if (!thing.has_ended) thing.ended_ns = remembered.written_ns;
      thing.ended_ns = std::min(thing.ended_ns, now_ns);
      thing.kept_until_ns = std::min(thing.kept_until_ns, now_ns + NameBook::kKeptNs);
      continue;
    }
    thing.owner = {};
    thing.has_ended = true;
    thing.ended_ns = 0;
    thing.kept_until_ns = now_ns + NameBook::kKeptNs;
  }
  return std::move(remembered.things);
}

}  // namespace watch
