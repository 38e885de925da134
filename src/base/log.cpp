#include "base/log.h"

#include <spdlog/details/os.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/log_format.h"
#include "base/log_queue.h"
#include "base/log_writer.h"
#include "base/one_line.h"
#include "base/standard_descriptors.h"

namespace base {
namespace {

constexpr std::chrono::milliseconds kLastWords{200};

// Of the process, as spdlog's default logger is.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<std::uint64_t> dropped_lines{0};

class QueueSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  QueueSink(std::shared_ptr<LogQueue> queue, std::unique_ptr<spdlog::formatter> formatter)
      : base_sink(std::move(formatter)), queue_(std::move(queue)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    queue_->push({line.data(), line.size()});
  }
  void flush_() override {}

 private:
  std::shared_ptr<LogQueue> queue_;
};

Result<spdlog::level::level_enum> parse_level(std::string_view level) {
  if (level == "debug") return spdlog::level::debug;
  if (level == "info") return spdlog::level::info;
  if (level == "warn") return spdlog::level::warn;
  if (level == "error") return spdlog::level::err;
  return fail("log level \"{}\": use debug, info, warn or error", level);
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kCritical:
      break;
  }
  return spdlog::level::critical;
}

bool is_colour_terminal() {
  return ::isatty(STDERR_FILENO) != 0 && spdlog::details::os::is_color_terminal();
}

Result<LogFormat> parse_format(std::string_view format) {
  if (format == "json") return LogFormat::kJson;
  if (format == "text") return is_colour_terminal() ? LogFormat::kColouredText : LogFormat::kText;
  return fail("log format \"{}\": use text or json", format);
}

}  // namespace

Result<std::unique_ptr<Log>> Log::start(const std::string& level, const std::string& format) {
  const auto parsed_level = parse_level(level);
  if (!parsed_level) return pass_on(parsed_level);
  const auto parsed_format = parse_format(format);
  if (!parsed_format) return pass_on(parsed_format);
  take_closed_standard_descriptors();
  auto queue = std::make_shared<LogQueue>(dropped_lines);
  auto formatter = make_log_formatter(*parsed_format);
  if (auto started = start_log_writer(queue, STDERR_FILENO, formatter->clone()); !started) {
    return pass_on(started);
  }
  auto logger = std::make_shared<spdlog::logger>(
      "valkyria_exporter", std::make_shared<QueueSink>(queue, std::move(formatter)));
  logger->set_level(*parsed_level);
  // Its own way of telling that a line could not be made is to write to stderr, and wait.
  logger->set_error_handler([queue](const std::string&) { queue->count_unwritten(); });
  spdlog::set_default_logger(std::move(logger));
  return std::unique_ptr<Log>(new Log(std::move(queue)));
}

Log::Log(std::shared_ptr<LogQueue> queue) : queue_(std::move(queue)) {}

Log::~Log() {
  queue_->close(kLastWords);
}

void Log::write_line(const std::string& line) {
  queue_->push(one_line(line) + '\n');
}

std::uint64_t dropped_log_lines() {
  return dropped_lines.load(std::memory_order_relaxed);
}

void log_formatted(LogLevel level, fmt::string_view format, fmt::format_args arguments) noexcept {
  try {
    spdlog::logger& logger = *spdlog::default_logger_raw();
    if (!logger.should_log(to_spdlog(level))) return;
    logger.log(to_spdlog(level), spdlog::string_view_t(fmt::vformat(format, arguments)));
  } catch (const std::exception&) {
    dropped_lines.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace base
