#include "agent/agent.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <utility>

#include "agent/privileges.h"
#include "probe/kernel.h"

namespace agent {
namespace {

using base::Result;

constexpr std::chrono::seconds kTick{1};

void tick_until_stopped(const std::stop_token& stop, Collector& collector) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!wake.wait_for(lock, stop, kTick, [&] { return stop.stop_requested(); })) {
    try {
      collector.look();
    } catch (const std::exception& error) {
      spdlog::error("look for processes: {}", error.what());
    }
  }
}

}  // namespace

Agent::Agent(std::unique_ptr<Collector> collector, std::unique_ptr<http::Server> server)
    : collector_(std::move(collector)), server_(std::move(server)) {}

Result<std::unique_ptr<Agent>> Agent::start(const Config& config) {
  if (auto allowed = require_start_privileges(); !allowed) {
    return tl::make_unexpected(allowed.error());
  }
  if (auto possible = check_selection(config); !possible) {
    return tl::make_unexpected(possible.error());
  }
  if (!std::holds_alternative<target::OneProcess>(config.selection) &&
      !target::in_initial_pid_namespace(config.proc_root)) {
    return base::fail(
        "watch processes by file or name: BPF sees the machine's pids, and this pid namespace has "
        "others (run in the host's, in a container with --pid=host, or watch one process by "
        "--pid)");
  }
  probe::redirect_libbpf_log();
  if (auto able = probe::check_kernel(); !able) return tl::make_unexpected(able.error());
  auto server = http::Server::listen(config.web);
  if (!server) return tl::make_unexpected(server.error());
  auto collector = Collector::start(config);
  if (!collector) return tl::make_unexpected(collector.error());
  const bool attaches_later = !std::holds_alternative<target::OneProcess>(config.selection);
  if (auto dropped = drop_start_privileges(attaches_later); !dropped) {
    return tl::make_unexpected(dropped.error());
  }
  (*collector)->look();
  std::unique_ptr<Agent> agent(new Agent(std::move(*collector), std::move(*server)));
  auto served = agent->server_->serve([collector = agent->collector_.get()](auto deadline) {
    return collector->collect(deadline);
  });
  if (!served) return tl::make_unexpected(served.error());
  try {
    agent->ticker_ =
        std::jthread([collector = agent->collector_.get()](const std::stop_token& stop) {
          tick_until_stopped(stop, *collector);
        });
    agent->decider_ =
        std::jthread([collector = agent->collector_.get()](const std::stop_token& stop) {
          collector->decide_until_stopped(stop);
        });
  } catch (const std::system_error& error) {
    return base::fail("start a thread to look for processes: {}", error.what());
  }
  return agent;
}

}  // namespace agent
