// The socket that takes connections.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/listen_address.h"

namespace http {

// A non-blocking TCP socket that listens on the address. All interfaces means IPv6 and IPv4, or
// IPv4 alone where the kernel has no IPv6. The error says the address, the cause and the way out.
base::Result<base::UniqueFd> listen_on(const ListenAddress& address);

// The port that the socket got.
base::Result<std::uint16_t> port_of(int socket_fd);

}  // namespace http
