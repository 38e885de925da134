#include "target/naming.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "target/listening_port.h"
#include "target/proc_text.h"

namespace target {
namespace {

using base::fail;
using base::Result;
using Kind = NameSource::Kind;

constexpr std::size_t kMaxTextBytes = 256 * 1024;  // a command line may have 128 KiB and more
constexpr std::size_t kMaxEnvironmentBytes = 1024 * 1024;
constexpr std::string_view kScriptSuffix = ".valk";
constexpr std::string_view kVariable = "env:";
constexpr std::string_view kUnnamed = "unnamed";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::string_view last_component(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0: all of it
}

// Takes the text up to the separator off the front.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

// A control character at the front, in bytes: of ASCII, or U+0080 to U+009F, which terminals take
// for such, too.
std::size_t control_size(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text.front());
  if (byte < 0x20 || byte == 0x7F) return 1;
  if (text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0) return 2;
  return 0;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Never in the middle of a character.
std::string_view cut(std::string_view valid, std::size_t max_bytes) {
  if (valid.size() <= max_bytes) return valid;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(valid[end]) & 0xC0) == 0x80) --end;
  return valid.substr(0, end);
}

bool is_variable_name(std::string_view name) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), is_part);
}

Result<NameSource> parse_source(std::string_view word, std::string_view list) {
  constexpr std::string_view kWords = "unit, container, port, script, comm or env:NAME";
  if (word == "unit") return NameSource{Kind::kUnit};
  if (word == "container") return NameSource{Kind::kContainer};
  if (word == "port") return NameSource{Kind::kPort};
  if (word == "script") return NameSource{Kind::kScript};
  if (word == "comm") return NameSource{Kind::kComm};
  if (word.starts_with(kVariable)) {
    const std::string_view name = word.substr(kVariable.size());
    if (is_variable_name(name)) return NameSource{Kind::kEnvironment, std::string(name)};
    return fail(R"(--name-from "{}": "{}" names no environment variable (letters, digits and _))",
                list, word);
  }
  return fail(R"(--name-from "{}": no source "{}"; there are {})", list, word, kWords);
}

std::string variable_of(const std::string& proc_root, int pid, const std::string& name) {
  const auto text = read_beginning(fmt::format("{}/{}/environ", proc_root, pid),  //
                                   kMaxEnvironmentBytes);
  return text ? parse_variable(*text, name).value_or("") : "";
}

}  // namespace

Result<std::vector<NameSource>> parse_name_sources(std::string_view list) {
  std::vector<NameSource> sources;
  std::string_view rest = list;
  do {
    auto source = parse_source(without_blanks(take_until(rest, ',')), list);
    if (!source) return pass_on(source);
    if (std::find(sources.begin(), sources.end(), *source) != sources.end()) {
      return fail("--name-from \"{}\": a source comes twice", list);
    }
    sources.push_back(std::move(*source));
  } while (!rest.empty());
  if (list.ends_with(',')) return fail("--name-from \"{}\": nothing after the last comma", list);
  return sources;
}

std::string clean_name(std::string_view text, std::size_t max_bytes) {
  // Four times what is needed is enough, whatever is replaced.
  const std::string valid = base::valid_utf8(text.substr(0, 4 * max_bytes));
  std::string clean;
  for (std::string_view rest = without_blanks(valid); !rest.empty() && clean.size() <= max_bytes;) {
    const std::size_t control = control_size(rest);
    if (control > 0) {
      clean += kReplacement;
    } else {
      clean += rest.front();
    }
    rest.remove_prefix(std::max<std::size_t>(control, 1));
  }
  return std::string(without_blanks(cut(clean, max_bytes)));
}

Marks read_marks(const std::string& proc_root, const Process& process, const Place& place,
                 std::string_view script, const std::vector<NameSource>& sources) {
  const int pid = process.id.pid;
  Marks marks;
  marks.unit = clean_name(place.unit);
  marks.script = clean_name(last_component(script));
  marks.uid = process.uid;
  const std::uint16_t port = read_listening_port(proc_root, pid).value_or(0);
  if (!is_given_out_by_the_kernel(proc_root, port)) marks.port = port;
  for (const NameSource& source : sources) {
    switch (source.kind) {
      case Kind::kUnit:
        marks.base = marks.unit;
        break;
      case Kind::kContainer:
        marks.base = clean_name(place.container);
        break;
      case Kind::kPort:
        if (port == 0) marks.is_port_wanted = true;
        if (port != 0) marks.base = std::to_string(port);
        break;
      case Kind::kScript:
        marks.base = marks.script;
        break;
      case Kind::kComm:
        marks.base = clean_name(process.comm);
        break;
      case Kind::kEnvironment:
        marks.base = clean_name(variable_of(proc_root, pid, source.variable));
        break;
    }
    if (!marks.base.empty()) return marks;
  }
  marks.base = clean_name(process.comm);
  if (marks.base.empty()) marks.base = kUnnamed;
  return marks;
}

std::optional<std::string> parse_variable(std::string_view environment, std::string_view name) {
  while (!environment.empty()) {
    std::string_view value = take_until(environment, '\0');
    const std::string_view found = take_until(value, '=');
    if (found != name) continue;
    return value.empty() ? std::nullopt : std::optional(std::string(value));
  }
  return std::nullopt;
}

std::optional<std::string> parse_script(std::string_view cmdline) {
  take_until(cmdline, '\0');  // the program itself
  while (!cmdline.empty()) {
    const std::string_view argument = take_until(cmdline, '\0');
    if (last_component(argument).size() > kScriptSuffix.size() &&
        argument.ends_with(kScriptSuffix)) {
      return std::string(argument);
    }
  }
  return std::nullopt;
}

std::optional<std::string> read_script(const std::string& proc_root, int pid) {
  const auto cmdline = read_proc_text(fmt::format("{}/{}/cmdline", proc_root, pid), kMaxTextBytes);
  return cmdline ? parse_script(*cmdline) : std::nullopt;
}

}  // namespace target
