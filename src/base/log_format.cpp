#include "base/log_format.h"

#include <spdlog/pattern_formatter.h>

#include <iterator>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace base {
namespace {

using spdlog::memory_buf_t;

void append(memory_buf_t& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

std::string_view payload_of(const spdlog::details::log_msg& message) {
  return {message.payload.data(), message.payload.size()};
}

bool is_control(unsigned char byte) {
  return byte < 0x20 || byte == 0x7F;
}

// U+0080 to U+009F, which terminals may take for escape sequences too.
bool is_late_control(std::string_view rest) {
  return rest.size() >= 2 && rest[0] == '\xC2' && static_cast<unsigned char>(rest[1]) < 0xA0;
}

class TextMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, memory_buf_t& out) override {
    const std::string_view text = payload_of(message);
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool late = is_late_control(text.substr(i));
      if (late) append_escaped(text[i++], out);
      if (late || is_control(static_cast<unsigned char>(text[i]))) {
        append_escaped(text[i], out);
      } else {
        out.push_back(text[i]);
      }
    }
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<TextMessage>();
  }

 private:
  static void append_escaped(char c, memory_buf_t& out) {
    if (c == '\n') {
      append(out, "\\n");
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
};

// spdlog has no JSON format of its own: this is the message with JSON's escapes, between quotes.
class JsonMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, memory_buf_t& out) override {
    out.push_back('"');
    for (const char c : valid_utf8(payload_of(message))) append_escaped(c, out);
    out.push_back('"');
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }

 private:
  static void append_escaped(char c, memory_buf_t& out) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (is_control(static_cast<unsigned char>(c))) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<int>(c));
    } else {
      out.push_back(c);
    }
  }
};

class ColouredLevel : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, memory_buf_t& out) override {
    const auto name = spdlog::level::to_string_view(message.level);
    append(out, colour_of(message.level));
    append(out, {name.data(), name.size()});
    append(out, "\x1b[m");
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<ColouredLevel>();
  }

 private:
  static std::string_view colour_of(spdlog::level::level_enum level) {
    if (level >= spdlog::level::err) return "\x1b[31m\x1b[1m";
    if (level == spdlog::level::warn) return "\x1b[33m\x1b[1m";
    return level == spdlog::level::info ? "\x1b[32m" : "\x1b[36m";
  }
};

}  // namespace

std::unique_ptr<spdlog::formatter> make_log_formatter(LogFormat format) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  switch (format) {
    case LogFormat::kText:
      formatter->add_flag<TextMessage>('*').set_pattern("%Y-%m-%d %H:%M:%S.%e %l %*");
      break;
    case LogFormat::kColouredText:
      formatter->add_flag<TextMessage>('*').add_flag<ColouredLevel>('&').set_pattern(
          "%Y-%m-%d %H:%M:%S.%e %& %*");
      break;
    case LogFormat::kJson:
      formatter->add_flag<JsonMessage>('*').set_pattern(
          R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%*})");
      break;
  }
  return formatter;
}

}  // namespace base
