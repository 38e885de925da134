#include "agent/agent.h"

#include <random>
#include <utility>

#include "privilege/privilege.h"
#include "probe/kernel.h"

namespace agent {

using base::Result;

namespace {

std::vector<model::DroppedConnections> dropped_connections(const http::DropCounts& counts) {
  return {{"connections", counts.connections},
          {"descriptors", counts.descriptors},
          {"memory", counts.memory},
          {"slow_read", counts.slow_reads},
          {"slow_head", counts.slow_heads}};
}

// Sequences of another start mean other events.
std::string make_epoch() {
  std::random_device random;
  return fmt::format("{:08x}", random());
}

}  // namespace

Agent::Agent(std::unique_ptr<watch::Collector> collector, std::unique_ptr<http::Server> server)
    : collector_(std::move(collector)), events_(make_epoch()), server_(std::move(server)) {}

// Threads have what they need before we give up everything: serving needs nothing.
Result<std::unique_ptr<Agent>> Agent::start(const Config& config) {
  if (auto allowed = privilege::require_to_attach(); !allowed) return pass_on(allowed);
  if (auto possible = watch::check_selection(config.watch); !possible) return pass_on(possible);
  probe::redirect_libbpf_log();
  if (auto able = probe::check_kernel(); !able) return pass_on(able);
  auto server = http::Server::listen(config.web);
  if (!server) return pass_on(server);
  auto collector = watch::Collector::start(config.watch);
  if (!collector) return pass_on(collector);
  if (auto dropped = privilege::keep_only(privilege::Task::kNothing); !dropped) {
    return pass_on(dropped);
  }
  std::unique_ptr<Agent> agent(new Agent(std::move(*collector), std::move(*server)));
  auto source = agent->collector_->open_events();
  if (!source) return pass_on(source);
  auto feed = EventFeed::start(std::move(*source), agent->events_);
  if (!feed) return pass_on(feed);
  agent->feed_ = std::move(*feed);
  auto served =
      agent->server_->serve({[self = agent.get()](auto deadline, const model::Wanted& wanted) {
                               auto snapshot = self->collector_->collect(deadline, wanted);
                               if (snapshot) {
                                 snapshot->exporter.dropped_connections =
                                     dropped_connections(self->server_->drop_counts());
                               }
                               return snapshot;
                             },
                             [collector = agent->collector_.get()] { return collector->unready(); },
                             [events = &agent->events_](std::uint64_t since, std::size_t limit,
                                                        const std::optional<std::string>& process) {
                               return events->read(since, limit, process);
                             }});
  if (!served) return pass_on(served);
  return agent;
}

}  // namespace agent
