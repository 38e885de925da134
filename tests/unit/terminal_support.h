// Pages of an exporter for the page in a terminal.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "terminal/page.h"

namespace terminal_test {

// 2026-02-03 14:02:11 UTC
inline constexpr double kNow = 1'770'127'331;

inline terminal::Sample sample_of(const std::string& text, int second = 0) {
  const auto taken = std::chrono::steady_clock::time_point(std::chrono::seconds(100 + second));
  auto sample =
      terminal::read_sample("valkyria_exporter_build_info{version=\"1\"} 1\n" + text, taken);
  if (!sample) {
    ADD_FAILURE() << sample.error().message;
    return {};
  }
  return std::move(*sample);
}

inline terminal::PageInput input_of(const std::string& before, const std::string& now) {
  terminal::PageInput input;
  input.source = "http://127.0.0.1:18255/metrics";
  input.unix_seconds = kNow;
  if (!before.empty()) input.before = sample_of(before, 0);
  input.now = sample_of(now, 1);
  return input;
}

inline std::string page(const terminal::PageInput& input, terminal::Size size = {}) {
  return write_lines(write_page(input, size), size.columns, terminal::Colours::kNone);
}

inline terminal::Pause pause(double ms, double seconds_ago = 1, const std::string& process = "") {
  terminal::Pause pause;
  pause.process = process;
  pause.unix_ms = (kNow - seconds_ago) * 1'000;
  pause.pause_ms = ms;
  return pause;
}

}  // namespace terminal_test
