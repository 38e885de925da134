#include "loads.h"

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/child_process.h"
#include "support/http_load.h"
#include "target_cpu.h"

namespace bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kWindow = 300ms;  // in which a tick more or less is nothing
constexpr auto kWarmUp = 20ms;
constexpr int kConnections = 200;  // ports stay taken for a minute afterwards
constexpr int kEvaluations = 2;

// wrk keeps as many requests under way as it has connections, so that the target never waits.
class HttpLoad : public Load {
 public:
  explicit HttpLoad(Subject& subject)
      : subject_(subject),
        wrk_("/usr/bin/env",
             {"wrk", "--threads", "1", "--connections", "32", "--duration", "1h",
              "http://127.0.0.1:" + std::to_string(subject.minivalk().port()) + "/"},
             test::Stderr::kCaptured) {
    const std::uint64_t before = subject_.requests();
    if (!test::wait_until(
            test::soon(),
            [&] { return subject_.requests() > before || wrk_.wait(test::in({})); }) ||
        wrk_.wait(test::in({}))) {
      throw std::runtime_error("wrk makes no requests; is the package wrk installed? " +
                               wrk_.stderr_text());
    }
  }

  void warm_up() override { std::this_thread::sleep_for(kWarmUp); }

  Work measure() override {
    const pid_t pid = subject_.minivalk().pid();
    const double start_ns = cpu_ns(pid);
    const std::uint64_t requests_before = subject_.requests();
    std::this_thread::sleep_for(kWindow);
    const std::uint64_t requests = subject_.requests() - requests_before;
    if (requests == 0) throw std::runtime_error("wrk has stopped making requests");
    return {cpu_ns(pid) - start_ns, static_cast<double>(requests)};
  }

 private:
  Subject& subject_;
  test::ChildProcess wrk_;
};

// Work that ends, after which the target rests.
class FiniteLoad : public Load {
 public:
  explicit FiniteLoad(Subject& subject) : subject_(subject) {}

  Work measure() override {
    const pid_t pid = subject_.minivalk().pid();
    const double start_ns = cpu_at_rest_ns(pid);
    const double units = run(subject_.minivalk());
    return {cpu_at_rest_ns(pid) - start_ns, units};
  }

 protected:
  Subject& subject() { return subject_; }

 private:
  // Returns how many units that were.
  virtual double run(test::Minivalk& minivalk) = 0;

  Subject& subject_;
};

// Evaluations of a twentieth to a tenth of a second, with collections in them.
class ScriptLoad : public FiniteLoad {
 public:
  ScriptLoad(Subject& subject, std::string form, std::string value, std::string short_form)
      : FiniteLoad(subject),
        form_(std::move(form)),
        value_(std::move(value)),
        short_form_(std::move(short_form)) {}

  void warm_up() override { subject().minivalk().command("eval " + short_form_); }

 private:
  double run(test::Minivalk& minivalk) override {
    for (int i = 0; i < kEvaluations; ++i) {
      if (const auto answer = minivalk.command("eval " + form_); answer != value_) {
        throw std::runtime_error(form_ + " answers " + answer);
      }
    }
    return kEvaluations;
  }

  std::string form_;
  std::string value_;
  std::string short_form_;
};

// One after the other, each with one request.
class ConnectionLoad : public FiniteLoad {
 public:
  using FiniteLoad::FiniteLoad;

  void warm_up() override { connect(subject().minivalk(), kConnections / 20); }

 private:
  double run(test::Minivalk& minivalk) override { return connect(minivalk, kConnections); }

  static double connect(test::Minivalk& minivalk, int connections) {
    for (int i = 0; i < connections; ++i) {
      const auto response = test::get(minivalk.port(), "/");
      if (response.status != 200) throw std::runtime_error("minivalk: " + response.problem);
    }
    return connections;
  }
};

std::unique_ptr<Load> start_http(Subject& subject) {
  return std::make_unique<HttpLoad>(subject);
}

std::unique_ptr<Load> start_eval(Subject& subject) {
  return std::make_unique<ScriptLoad>(subject, "(fib 25)", "75025", "(fib 18)");
}

std::unique_ptr<Load> start_allocation(Subject& subject) {
  return std::make_unique<ScriptLoad>(subject, "(allocate-kb 30000)", "30000",
                                      "(allocate-kb 3000)");
}

std::unique_ptr<Load> start_connections(Subject& subject) {
  return std::make_unique<ConnectionLoad>(subject);
}

constexpr std::array kLoads{
    LoadSpec{kHttpLoad, "request", 5, 0, start_http},
    LoadSpec{"eval", "evaluation", 1, 1.005, start_eval},
    LoadSpec{"allocation", "evaluation", 1, 1.005, start_allocation},
    LoadSpec{"connections", "connection", 1, 0, start_connections},
};

}  // namespace

std::span<const LoadSpec> loads() {
  return kLoads;
}

}  // namespace bench
