#include "exporter.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <regex>
#include <stdexcept>

namespace e2e {
namespace {

std::optional<std::uint16_t> served_port(const std::string& log) {
  std::smatch match;
  const std::regex url("serving on .*http://127\\.0\\.0\\.1:([0-9]+)/");
  if (!std::regex_search(log, match, url)) return std::nullopt;
  return static_cast<std::uint16_t>(std::stoi(match[1]));
}

// Serves on a free port, and leaves nothing on the machine unless the test says where.
// No budget, since a load that lasts for ten seconds on a busy machine would exceed it.
std::vector<std::string> with_defaults(std::vector<std::string> arguments) {
  const auto add_unless_given = [&](const char* option, const char* value) {
    if (std::find(arguments.begin(), arguments.end(), option) != arguments.end()) return;
    arguments.insert(arguments.end(), {option, value});
  };
  arguments.insert(arguments.end(), {"--web.listen-address", "127.0.0.1:0"});
  add_unless_given("--cache-dir", "");
  add_unless_given("--overhead.max", "off");
  return arguments;
}

}  // namespace

std::string exporter_path() {
  return std::string(VALKYRIA_BIN_DIR) + "/valkyria_exporter";
}

std::string stripped_programs_dir() {
  return std::string(VALKYRIA_BIN_DIR) + "/../tests/stripped";
}

std::string puppet_path(const std::string& name) {
  return std::string(VALKYRIA_BIN_DIR) + "/../tests/" + name;
}

Puppet::Puppet(const std::string& program, const std::vector<std::string>& arguments)
    : process(program, arguments) {
  if (process.read_line(test::soon()) != "ready") throw std::runtime_error("puppet not ready");
}

std::string Puppet::tell(const std::string& command) {
  process.write_line(command);
  return process.read_line(test::soon()).value_or("no answer");
}

Exporter::Exporter(const std::vector<std::string>& arguments, const std::string& program)
    : process_(program, with_defaults(arguments), test::Stderr::kCaptured) {
  test::wait_until(test::soon(), [&] {
    if (const auto port = served_port(log())) port_ = *port;
    return port_ != 0 || process_.wait(test::in({})).has_value();
  });
  if (port_ == 0) throw std::runtime_error("the exporter does not serve: " + log());
  if (std::find(arguments.begin(), arguments.end(), "--pid") == arguments.end()) return;
  // Where the machine is busy, it serves before it is done with attaching.
  test::wait_until(test::soon(), [&] {
    return get("/-/ready").status == 200 || process_.wait(test::in({})).has_value();
  });
}

test::HttpResponse Exporter::get(const std::string& path, const test::Headers& headers) const {
  return test::get(port_, path, headers);
}

test::Samples Exporter::metrics() const {
  const test::HttpResponse response = get("/metrics");
  EXPECT_EQ(response.status, 200) << response.body << response.problem;
  test::Samples samples = test::parse_prometheus(response.body);
  for (const std::string& problem : samples.problems) ADD_FAILURE() << problem;
  return samples;
}

std::string name_of(const Exporter& exporter, pid_t pid) {
  std::string name;
  test::wait_until(test::soon(), [&] {
    const test::Samples exported = exporter.metrics();
    for (const auto& info :
         exported.series("valkyria_process_info", {{"pid", std::to_string(pid)}})) {
      const std::string found = info.labels.at("process");
      if (exported.sum("valkyria_up", {{"process", found}}) == 1) name = found;
    }
    return !name.empty();
  });
  return name;
}

testing::AssertionResult comes_to(const Exporter& exporter, const std::string& name,
                                  const test::Labels& labels, double count) {
  double told = -1;
  if (test::wait_until(test::soon(), [&] {
        told = exporter.metrics().sum(name, labels);
        return told == count;
      })) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure()
         << name << " is " << told << ", not " << count << "; " << exporter.log();
}

FailedStart run_to_failure(const std::vector<std::string>& arguments, const std::string& program) {
  test::ChildProcess process(program, arguments, test::Stderr::kCaptured);
  const auto status = process.wait(test::soon());
  if (!status) throw std::runtime_error("still running: " + process.stderr_text());
  return {*status, process.stderr_text()};
}

Answer run_to_end(const std::vector<std::string>& arguments, const std::string& program) {
  test::ChildProcess process(program, arguments, test::Stderr::kCaptured);
  process.close_stdin();
  Answer answer;
  while (const auto line = process.read_line(test::soon())) answer.out += *line + '\n';
  const auto status = process.wait(test::soon());
  if (!status || status->signalled) throw std::runtime_error("did not end: " + program);
  answer.code = status->code;
  answer.err = process.stderr_text();
  return answer;
}

void EndToEnd::SetUp() {
  if (::geteuid() == 0) return;
  if (std::getenv("CI") != nullptr) FAIL() << "these tests need root";
  GTEST_SKIP() << "these tests need root";
}

}  // namespace e2e
