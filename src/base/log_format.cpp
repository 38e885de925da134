#include "base/log_format.h"

#include <spdlog/pattern_formatter.h>

#include <string>
#include <string_view>

#include "base/one_line.h"

namespace base {
namespace {

using spdlog::memory_buf_t;

void append(memory_buf_t& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

std::string_view payload_of(const spdlog::details::log_msg& message) {
  return {message.payload.data(), message.payload.size()};
}

// One word for a level, the one of --log.level.
std::string_view name_of(spdlog::level::level_enum level) {
  if (level >= spdlog::level::critical) return "critical";
  if (level == spdlog::level::err) return "error";
  if (level == spdlog::level::warn) return "warn";
  return level == spdlog::level::info ? "info" : "debug";
}

std::string_view colour_of(spdlog::level::level_enum level) {
  if (level >= spdlog::level::err) return "\x1b[31m\x1b[1m";
  if (level == spdlog::level::warn) return "\x1b[33m\x1b[1m";
  return level == spdlog::level::info ? "\x1b[32m" : "\x1b[36m";
}

class Message : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, memory_buf_t& out) override {
    append(out, one_line(payload_of(message)));
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<Message>();
  }
};

// spdlog has no JSON format of its own.
class JsonMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, memory_buf_t& out) override {
    append(out, json_escaped(payload_of(message)));
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

class Level : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, memory_buf_t& out) override {
    append(out, name_of(message.level));
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<Level>();
  }
};

class ColouredLevel : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, memory_buf_t& out) override {
    append(out, colour_of(message.level));
    append(out, name_of(message.level));
    append(out, "\x1b[m");
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<ColouredLevel>();
  }
};

}  // namespace

std::unique_ptr<spdlog::formatter> make_log_formatter(LogFormat format) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  switch (format) {
    case LogFormat::kText:
      formatter->add_flag<Message>('*').add_flag<Level>('&').set_pattern(
          "%Y-%m-%dT%H:%M:%S.%eZ %& %*");
      break;
    case LogFormat::kColouredText:
      formatter->add_flag<Message>('*').add_flag<ColouredLevel>('&').set_pattern(
          "%Y-%m-%dT%H:%M:%S.%eZ %& %*");
      break;
    case LogFormat::kJson:
      formatter->add_flag<JsonMessage>('*').add_flag<Level>('&').set_pattern(
          R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%&","message":"%*"})");
      break;
  }
  return formatter;
}

}  // namespace base
