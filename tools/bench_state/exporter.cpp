#include "exporter.h"

#include <regex>
#include <stdexcept>
#include <string>

namespace bench {

Exporter::Exporter(pid_t watched_pid)
    : process_(std::string(VALKYRIA_BIN_DIR) + "/valkyria_exporter",
               {"--pid", std::to_string(watched_pid), "--web.listen-address", "127.0.0.1:0",
                "--cache-dir", ""},
               test::Stderr::kCaptured) {
  const std::regex serving("serving on http://127\\.0\\.0\\.1:([0-9]+)/");
  std::smatch match;
  std::string log;
  test::wait_until(test::soon(), [&] {
    log = process_.stderr_text();
    return std::regex_search(log, match, serving) || process_.wait(test::in({}));
  });
  if (match.empty()) throw std::runtime_error("the exporter does not serve: " + log);
  port_ = static_cast<std::uint16_t>(std::stoi(match[1]));
}

}  // namespace bench
