// How a service manager is told of us: datagrams of lines NAME=VALUE, as systemd and those that
// speak its protocol (podman, s6, ...) take them (sd_notify(3)).
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace service {

// What a service manager says in the environment of who it starts.
struct Environment {
  std::string notify_socket;  // $NOTIFY_SOCKET; empty: nobody listens
  // $WATCHDOG_USEC: who doesn't hear of us for so long ends us. None: nobody waits.
  std::optional<std::chrono::microseconds> watchdog;
};

// Any thread. What can't be understood, or is for another pid, is not there.
Environment read_environment();

// The same of the three variables, each as it stands there or null; `pid` is our own.
Environment parse_environment(const char* notify_socket, const char* watchdog_usec,
                              const char* watchdog_pid, long pid);

// Owns a socket for messages to one address. Any thread.
class NotifySocket {
 public:
  // `address` is a path, or @NAME for a name of the abstract namespace. Fails where it is neither,
  // or too long; that somebody listens there is seen at the first message.
  static base::Result<NotifySocket> open(const std::string& address);

  // One message, lines parted by \n. Waits a second at most where its reader is slow. Fails where
  // nobody takes it.
  base::Result<void> send(std::string_view message) const;

 private:
  NotifySocket(base::UniqueFd socket, std::string address, sockaddr_un to, socklen_t to_size);

  base::UniqueFd socket_;
  std::string address_;
  sockaddr_un to_;
  socklen_t to_size_;
};

}  // namespace service
