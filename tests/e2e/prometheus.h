// A real Prometheus, run for one test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "support/child_process.h"
#include "support/samples.h"

namespace e2e {

// Where tools/install_packages --with-prometheus puts it.
std::string prometheus_path();

// A directory for one test, gone with this object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A Prometheus that scrapes one exporter twice a second, on a free port, with its files in a
// directory of its own. Ready when the constructor returns, which throws with its log if it doesn't
// get there. Dies with this object.
class Prometheus {
 public:
  explicit Prometheus(std::uint16_t exporter_port);

  std::string log() const { return process_->stderr_text(); }

  // The `data` of an API call's answer, such as api("targets"); throws where it is not a success.
  nlohmann::json api(const std::string& call) const;

  // The series that a query answers with now, without the labels that Prometheus adds.
  test::Samples query(const std::string& promql) const;

  // When the last scrape was, in seconds since 1970; nothing before the first.
  std::optional<double> last_scrape() const;

  // Prometheus's metrics about itself.
  test::Samples own_metrics() const;

  // Ends it as a service manager would.
  std::optional<test::ExitStatus> stop();

 private:
  bool start(std::uint16_t port);

  TemporaryDirectory directory_;
  std::optional<test::ChildProcess> process_;
  std::uint16_t port_ = 0;
};

}  // namespace e2e
