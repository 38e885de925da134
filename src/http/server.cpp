#include "http/server.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "http/connection_loop.h"
#include "http/event_streams.h"
#include "http/gate.h"
#include "http/listening_socket.h"
#include "http/routes.h"
#include "http/socket_address.h"
#include "http/web_settings.h"

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

base::Result<std::vector<base::UniqueFd>> take_handed(ServerConfig& config) {
  auto sockets = take_sockets(*config.handed_sockets, ::getpid());
  if (!sockets) return sockets;
  config.addresses.clear();
  for (const base::UniqueFd& socket : *sockets) {
    auto address = own_address_of(socket.get());
    if (!address) return base::pass_on(address);
    config.addresses.push_back(std::move(*address));
  }
  return sockets;
}

// Whoever reaches the address reads what it serves.
void warn_of_strangers(const std::vector<base::UniqueFd>& listening, const WebSettings& settings) {
  if (settings.is_guarded()) return;
  for (const base::UniqueFd& socket : listening) {
    if (is_on_loopback(socket.get())) continue;
    const auto address = own_address_of(socket.get());
    base::log_warn(
        "listening on {} {}: whoever reaches it reads what is served (--web.config.file has TLS "
        "and passwords)",
        address ? text_of(*address) : "?",
        settings.tls ? "without asking who it is" : "without TLS");
  }
}

}  // namespace

Server::Server(ServerConfig config, std::vector<base::UniqueFd> listening)
    : config_(std::move(config)),
      listening_(std::move(listening)),
      drop_counts_(std::make_unique<DropCounts>()),
      request_counts_(std::make_shared<RequestCounts>()),
      settings_(std::make_shared<SharedSettings>()) {}

Server::~Server() {
  if (streams_) streams_->end();
}

base::Result<std::unique_ptr<Server>> Server::listen(ServerConfig config) {
  const auto checked = check_telemetry_path(config.telemetry_path);
  if (!checked) return base::pass_on(checked);
  if (config.handed_sockets) {
    auto taken = take_handed(config);
    if (!taken) return base::pass_on(taken);
    return std::unique_ptr<Server>(new Server(std::move(config), std::move(*taken)));
  }
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
  auto gate = std::make_shared<const Gate>(
      Gate::Policy{config_.telemetry_path, config_.serves_debug_everywhere, config_.max_scrapes},
      settings_, request_counts_, *routes);
  warn_of_strangers(listening_, *settings_->get());
  auto loop = ConnectionLoop::start(std::move(listening_),
                                    [routes, gate](const Request& request, Response& response) {
                                      gate->answer(request, response);
                                    },
                                    *drop_counts_, limits_here(), {settings_, request_counts_});
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
