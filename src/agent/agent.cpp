#include "agent/agent.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <utility>

#include "privilege/privilege.h"
#include "probe/kernel.h"

namespace agent {
namespace {

using base::Result;

constexpr std::chrono::seconds kTick{1};

void tick_until_stopped(const std::stop_token& stop, watch::Collector& collector) {
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

Agent::Agent(std::unique_ptr<watch::Collector> collector, std::unique_ptr<http::Server> server)
    : collector_(std::move(collector)), server_(std::move(server)) {}

Result<std::unique_ptr<Agent>> Agent::start(const Config& config) {
  if (auto allowed = privilege::require_start_privileges(); !allowed) {
    return base::pass_on(allowed);
  }
  if (auto possible = watch::check_selection(config.watch); !possible) {
    return base::pass_on(possible);
  }
  if (!std::holds_alternative<target::OneProcess>(config.watch.selection) &&
      !target::in_initial_pid_namespace(config.watch.proc_root)) {
    return base::fail(
        "watch processes by file or name: BPF sees the machine's pids, and this pid namespace has "
        "others (run in the host's, in a container with --pid=host, or watch one process by "
        "--pid)");
  }
  probe::redirect_libbpf_log();
  if (auto able = probe::check_kernel(); !able) return base::pass_on(able);
  auto server = http::Server::listen(config.web);
  if (!server) return base::pass_on(server);
  auto collector = watch::Collector::start(config.watch);
  if (!collector) return base::pass_on(collector);
  const bool attaches_later = !std::holds_alternative<target::OneProcess>(config.watch.selection);
  if (auto dropped = privilege::drop_start_privileges(attaches_later); !dropped) {
    return base::pass_on(dropped);
  }
  (*collector)->look();
  std::unique_ptr<Agent> agent(new Agent(std::move(*collector), std::move(*server)));
  auto served = agent->server_->serve([collector = agent->collector_.get()](auto deadline) {
    return collector->collect(deadline);
  });
  if (!served) return base::pass_on(served);
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
