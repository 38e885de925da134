#include "loads.h"

#include <array>
#include <regex>
#include <stdexcept>
#include <string>

#include "support/child_process.h"
#include "support/http_load.h"

namespace bench {
namespace {

constexpr int kWarmUpRequests = 100;
constexpr int kConnections = 200;  // ports stay taken for a minute afterwards
constexpr int kEvaluations = 2;

// The median of rounds tells a twentieth of a percent only if the parts of one are this long: a
// tenth of a second each, with collections in it.
constexpr const char* kEval = "eval (fib 25)";
constexpr const char* kAllocate = "eval (allocate-kb 30000)";

void warm_up_http(test::Minivalk& target) {
  test::HttpConnection connection(target.port());
  for (int i = 0; i < kWarmUpRequests; ++i) connection.get("/");
}

// wrk has no shorter time than a second. It keeps as many requests under way as it has connections,
// so that the target never waits.
double run_http(test::Minivalk& target) {
  test::ChildProcess wrk("/usr/bin/env",
                         {"wrk", "--threads", "1", "--connections", "16", "--duration", "1s",
                          "http://127.0.0.1:" + std::to_string(target.port()) + "/"});
  const std::regex requests("([0-9]+) requests in .*");
  double done = 0;
  while (const auto line = wrk.read_line(test::soon())) {
    std::smatch match;
    if (line->find("Non-2xx") != std::string::npos || line->find("Socket errors") == 0) {
      throw std::runtime_error("wrk: " + *line);
    }
    const std::string text = line->substr(std::min(line->find_first_not_of(' '), line->size()));
    if (std::regex_match(text, match, requests)) done = std::stod(match[1]);
  }
  const auto status = wrk.wait(test::soon());
  if (done == 0 || !status || *status != test::ExitStatus{false, 0}) {
    throw std::runtime_error("wrk made no requests; is the package wrk installed?");
  }
  return done;
}

double evaluate(test::Minivalk& target, const char* command, const std::string& value) {
  for (int i = 0; i < kEvaluations; ++i) {
    if (const auto answer = target.command(command); answer != value) {
      throw std::runtime_error(std::string(command) + " answers " + answer);
    }
  }
  return kEvaluations;
}

double run_eval(test::Minivalk& target) {
  return evaluate(target, kEval, "75025");
}

double run_allocate(test::Minivalk& target) {
  return evaluate(target, kAllocate, "30000");
}

void warm_up_eval(test::Minivalk& target) {
  target.command("eval (fib 18)");
}

void warm_up_allocate(test::Minivalk& target) {
  target.command("eval (allocate-kb 3000)");
}

double connect(test::Minivalk& target, int connections) {
  for (int i = 0; i < connections; ++i) {
    const auto response = test::get(target.port(), "/");
    if (response.status != 200) throw std::runtime_error("minivalk: " + response.problem);
  }
  return connections;
}

double run_connections(test::Minivalk& target) {
  return connect(target, kConnections);
}

void warm_up_connections(test::Minivalk& target) {
  connect(target, kConnections / 20);
}

constexpr std::array kLoads{
    Load{kHttpLoad, "request", 0, warm_up_http, run_http},
    Load{"eval", "evaluation", 1.005, warm_up_eval, run_eval},
    Load{"allocation", "evaluation", 1.005, warm_up_allocate, run_allocate},
    Load{"connections", "connection", 0, warm_up_connections, run_connections},
};

}  // namespace

std::span<const Load> loads() {
  return kLoads;
}

}  // namespace bench
