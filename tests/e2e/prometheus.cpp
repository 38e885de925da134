#include "prometheus.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "support/http_load.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;

constexpr int kPortsToTry = 5;

// A port that was free a moment ago.
std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound =
      ::bind(socket, generic, length) == 0 && ::getsockname(socket, generic, &length) == 0;
  ::close(socket);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

std::string configuration(std::uint16_t exporter_port) {
  return "global: {scrape_interval: 500ms, scrape_timeout: 500ms}\n"
         "scrape_configs:\n"
         "  - job_name: valkyria\n"
         "    static_configs: [{targets: ['127.0.0.1:" +
         std::to_string(exporter_port) + "']}]\n";
}

std::string url_encoded(const std::string& text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  for (const unsigned char byte : text) {
    encoded += {'%', kHex[byte / 16], kHex[byte % 16]};
  }
  return encoded;
}

test::Series series_of(const nlohmann::json& metric) {
  test::Series series;
  for (const auto& [name, value] : metric.items()) {
    if (name == "__name__") {
      series.name = value;
    } else if (name != "job" && name != "instance") {
      series.labels[name] = value;
    }
  }
  return series;
}

}  // namespace

std::string prometheus_path() {
  return VALKYRIA_PROMETHEUS;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = fs::temp_directory_path() / "valkyria-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "make a directory like " + pattern);
  }
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Prometheus::Prometheus(std::uint16_t exporter_port) {
  std::ofstream(directory_.path() / "prometheus.yml") << configuration(exporter_port);
  // Somebody may take the port before Prometheus does.
  for (int tries = 0; tries < kPortsToTry; ++tries) {
    if (start(free_port())) return;
    if (log().find("address already in use") == std::string::npos) break;
  }
  throw std::runtime_error("Prometheus does not get ready: " + log());
}

bool Prometheus::start(std::uint16_t port) {
  port_ = port;
  process_.emplace(
      prometheus_path(),
      std::vector<std::string>{"--config.file=" + (directory_.path() / "prometheus.yml").string(),
                               "--storage.tsdb.path=" + (directory_.path() / "data").string(),
                               "--web.listen-address=127.0.0.1:" + std::to_string(port)},
      test::Stderr::kCaptured);
  const auto is_ready = [&] {
    try {
      return test::get(port, "/-/ready").status == 200;
    } catch (const std::system_error&) {
      return false;  // it does not listen yet
    }
  };
  bool ready = false;
  test::wait_until(test::soon(), [&] {
    ready = is_ready();
    return ready || process_->wait(test::in({})).has_value();
  });
  // Whoever took the port may answer too.
  return ready && !process_->wait(test::in({})).has_value();
}

nlohmann::json Prometheus::api(const std::string& call) const {
  const test::HttpResponse response = test::get(port_, "/api/v1/" + call);
  const auto answer = nlohmann::json::parse(response.body, nullptr, false);
  if (response.status != 200 || answer.is_discarded() || answer.at("status") != "success") {
    throw std::runtime_error("Prometheus answers " + response.problem + response.body + " to " +
                             call);
  }
  return answer.at("data");
}

test::Samples Prometheus::query(const std::string& promql) const {
  const nlohmann::json data = api("query?query=" + url_encoded(promql));
  test::Samples samples;
  for (const auto& entry : data.at("result")) {
    add_sample(samples, series_of(entry.at("metric")), entry.at("value").at(1));
  }
  return samples;
}

std::optional<double> Prometheus::last_scrape() const {
  const test::Samples answer = query("timestamp(up{job=\"valkyria\"})");
  if (answer.values.empty()) return std::nullopt;
  return answer.values.begin()->second.number;
}

test::Samples Prometheus::own_metrics() const {
  return test::parse_prometheus(test::get(port_, "/metrics").body);
}

std::optional<test::ExitStatus> Prometheus::stop() {
  process_->signal(SIGTERM);
  return process_->wait(test::soon());
}

}  // namespace e2e
