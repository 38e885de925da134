#include "http/server.h"

#include <cassert>
#include <utility>

#include "http/connection_loop.h"
#include "http/listening_socket.h"
#include "http/routes.h"

namespace http {

Server::Server(ServerConfig config, base::UniqueFd listening)
    : config_(std::move(config)), listening_(std::move(listening)) {}

Server::~Server() = default;

base::Result<std::unique_ptr<Server>> Server::listen(ServerConfig config) {
  const auto checked = check_telemetry_path(config.telemetry_path);
  if (!checked) return base::pass_on(checked);
  auto listening = listen_on(config.address);
  if (!listening) return base::pass_on(listening);
  const auto port = port_of(listening->get());
  if (!port) return base::pass_on(port);
  config.address.port = *port;
  return std::unique_ptr<Server>(new Server(std::move(config), std::move(*listening)));
}

base::Result<void> Server::serve(Sources sources) {
  assert(listening_ && !loop_);
  auto routes = std::make_shared<const Routes>(config_.telemetry_path, std::move(sources));
  auto loop = ConnectionLoop::start(std::move(listening_), [routes](const httplib::Request& request,
                                                                    httplib::Response& response) {
    routes->answer(request, response);
  });
  if (!loop) return base::pass_on(loop);
  loop_ = std::move(*loop);
  return {};
}

std::uint64_t Server::dropped_connections() const {
  return loop_ ? loop_->dropped_connections() : 0;
}

}  // namespace http
