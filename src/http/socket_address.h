// Where sockets are.
#pragma once

#include <string>

#include "base/result.h"
#include "http/listen_address.h"

namespace http {

// The socket's own address; one with a path is "unix:/path".
base::Result<ListenAddress> own_address_of(int socket_fd);

// Who is at the other end, for the log: an address without a port.
std::string peer_of(int socket_fd);

// Whether a socket's own address is one that this machine alone reaches.
bool is_on_loopback(int socket_fd);

}  // namespace http
