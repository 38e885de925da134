#include "http/server.h"

#include <sys/resource.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "http/connection_loop.h"
#include "http/event_streams.h"
#include "http/listening_socket.h"
#include "http/routes.h"

namespace http {
namespace {

// Whoever watches needs descriptors, too: clients get a third of what this process may have.
Limits limits_here() {
  Limits limits;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) {
    limits.connections = std::min<std::size_t>(limits.connections, files.rlim_cur / 3);
  }
  return limits;
}

}  // namespace

Server::Server(ServerConfig config, std::vector<base::UniqueFd> listening)
    : config_(std::move(config)),
      listening_(std::move(listening)),
      drop_counts_(std::make_unique<DropCounts>()) {}

Server::~Server() {
  if (streams_) streams_->end();
}

base::Result<std::unique_ptr<Server>> Server::listen(ServerConfig config) {
  const auto checked = check_telemetry_path(config.telemetry_path);
  if (!checked) return base::pass_on(checked);
  std::vector<base::UniqueFd> all;
  for (ListenAddress& address : config.addresses) {
    auto listening = listen_on(address);
    if (!listening) return base::pass_on(listening);
    const auto port = port_of(listening->front().get());
    if (!port) return base::pass_on(port);
    address.port = *port;
    std::move(listening->begin(), listening->end(), std::back_inserter(all));
  }
  return std::unique_ptr<Server>(new Server(std::move(config), std::move(all)));
}

base::Result<void> Server::serve(Sources sources) {
  assert(!listening_.empty() && !loop_);
  streams_ = std::make_unique<EventStreams>(sources.events);
  auto routes = std::make_shared<Routes>(config_.telemetry_path, std::move(sources), *streams_);
  auto loop = ConnectionLoop::start(
      std::move(listening_),
      [routes](const Request& request, Response& response) { routes->answer(request, response); },
      *drop_counts_, limits_here());
  if (!loop) return base::pass_on(loop);
  loop_ = std::move(*loop);
  return {};
}

std::uint64_t Server::turns() const {
  return loop_->turns();
}

void Server::wake() {
  loop_->wake();
}

void Server::tell_events() {
  streams_->tell_events();
}

void Server::tell_snapshot(std::shared_ptr<const model::Snapshot> snapshot) {
  streams_->tell_snapshot(std::move(snapshot));
}

}  // namespace http
