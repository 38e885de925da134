// The sockets that take connections.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/listen_address.h"

namespace http {

// Non-blocking TCP sockets that listen on the address: one for each that its name stands for, all
// at one port, but for those of a kind that this machine lacks. All interfaces means IPv6 and IPv4
// in one, or IPv4 alone where the kernel has no IPv6. The error says the address, the cause and the
// way out.
base::Result<std::vector<base::UniqueFd>> listen_on(const ListenAddress& address);

// The port that the socket got.
base::Result<std::uint16_t> port_of(int socket_fd);

}  // namespace http
