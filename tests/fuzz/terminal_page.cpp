// What `top` reads of whoever answers: an exporter's page of metrics, and its events.
#include <string>

#include "fuzz/bytes.h"
#include "fuzz/require.h"
#include "terminal/cells.h"
#include "terminal/page.h"

namespace {

// Before the first NUL the metrics, after the last one the events.
std::string_view metrics_in(std::string_view text) {
  return text.substr(0, text.find('\0'));
}

std::string_view events_in(std::string_view text) {
  const std::size_t last = text.rfind('\0');
  return last == std::string_view::npos ? std::string_view() : text.substr(last + 1);
}

void require_harmless(const terminal::Lines& lines, const terminal::Size& size) {
  for (const terminal::Line& line : lines) {
    const std::string text = write_line(line, size.columns, terminal::Colours::kNone);
    fuzz::require(terminal::width(text) <= size.columns, "a line fits");
    if (text.size() < 400) fuzz::require(terminal::safe(text) == text, "a line is safe");
    for (const char c : text) {
      fuzz::require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F, "no control character");
    }
  }
  fuzz::require(size.rows == 0 || lines.size() == size.rows, "a page fills the terminal");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  terminal::PageInput input;
  input.source = "http://127.0.0.1:18255/metrics";
  input.unix_seconds = 1'770'127'331;
  const std::string metrics = "valkyria_exporter_build_info 1\n" + std::string(metrics_in(text));
  for (const int second : {1, 2}) {
    auto sample = terminal::read_sample(
        metrics, std::chrono::steady_clock::time_point(std::chrono::seconds(second)));
    if (!sample) return 0;
    input.before = std::move(input.now);
    input.now = std::move(*sample);
  }
  terminal::PauseLog log;
  const auto taken = log.take(events_in(text));
  if (!taken) input.no_pauses = taken.error().message;
  input.pauses = log.pauses();
  for (const terminal::Size shape : {terminal::Size{80, 24}, {80, 0}, {17, 3}}) {
    require_harmless(write_page(input, shape), shape);
    if (input.now->targets.empty()) continue;
    terminal::PageInput opened = input;
    opened.choice.opened = input.now->targets.back().process;
    require_harmless(write_page(opened, shape), shape);
  }
  return 0;
}
