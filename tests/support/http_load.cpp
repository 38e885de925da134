// SPDX-License-Identifier: BSD-2-Clause
#include "support/http_load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <memory>
#include <system_error>
#include <thread>

namespace test {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char byte) { return static_cast<char>(std::tolower(byte)); });
  return text;
}

bool wait_for(int fd, short events, Deadline deadline) {
  pollfd ready{fd, events, 0};
  int count = 0;
  do count = poll(&ready, 1, milliseconds_until(deadline));
  while (count < 0 && errno == EINTR);
  return count > 0;
}

bool parse_header(const std::string& line, Headers& headers) {
  auto colon = line.find(':');
  if (colon == std::string::npos) return false;
  auto value = line.find_first_not_of(' ', colon + 1);
  headers[lower(line.substr(0, colon))] = value == std::string::npos ? "" : line.substr(value);
  return true;
}

bool parse_status(const std::string& line, int& status) {
  if (line.size() < 12 || !line.starts_with("HTTP/1.")) return false;
  auto parsed = std::from_chars(line.data() + 9, line.data() + 12, status);
  return parsed.ptr == line.data() + 12;
}

}  // namespace

HttpConnection::HttpConnection(std::uint16_t port)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (socket_ < 0 ||
      connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    int error = errno;
    close();
    throw std::system_error(error, std::generic_category(),
                            "connect to 127.0.0.1:" + std::to_string(port));
  }
  int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

HttpConnection::~HttpConnection() {
  close();
}

void HttpConnection::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

bool HttpConnection::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    if (!wait_for(socket_, POLLOUT, deadline)) return false;
    ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpConnection::receive(Deadline deadline) {
  char bytes[16384];
  if (!wait_for(socket_, POLLIN, deadline)) return false;
  ssize_t length = recv(socket_, bytes, sizeof(bytes), 0);
  if (length <= 0) return false;
  unread_.append(bytes, static_cast<std::size_t>(length));
  return true;
}

bool HttpConnection::read_line(std::string& line, Deadline deadline) {
  std::size_t end = 0;
  while ((end = unread_.find("\r\n")) == std::string::npos) {
    if (!receive(deadline)) return false;
  }
  line = unread_.substr(0, end);
  unread_.erase(0, end + 2);
  return true;
}

bool HttpConnection::read_bytes(std::string& bytes, std::size_t length, Deadline deadline) {
  while (unread_.size() < length) {
    if (!receive(deadline)) return false;
  }
  bytes += unread_.substr(0, length);
  unread_.erase(0, length);
  return true;
}

bool HttpConnection::read_chunks(std::string& body, Deadline deadline) {
  for (;;) {
    std::string line;
    std::size_t length = 0;
    if (!read_line(line, deadline)) return false;
    if (std::from_chars(line.data(), line.data() + line.size(), length, 16).ec != std::errc())
      return false;
    if (!read_bytes(body, length, deadline) || !read_line(line, deadline)) return false;
    if (length == 0) return true;
  }
}

bool HttpConnection::read_body(HttpResponse& response, Deadline deadline) {
  if (response.status == 204 || response.status == 304) return true;
  if (response.headers.contains("transfer-encoding")) return read_chunks(response.body, deadline);
  auto length = response.headers.find("content-length");
  if (length != response.headers.end())
    return read_bytes(response.body, std::stoul(length->second), deadline);
  while (receive(deadline)) {
  }
  response.body = std::move(unread_);
  unread_.clear();
  return true;
}

HttpResponse HttpConnection::read_response(Deadline deadline) {
  HttpResponse response;
  std::string line;
  if (!read_line(line, deadline)) return {0, {}, {}, "no response"};
  if (!parse_status(line, response.status)) return {0, {}, {}, "bad status line: " + line};
  while (read_line(line, deadline) && !line.empty()) {
    if (!parse_header(line, response.headers)) return {0, {}, {}, "bad header: " + line};
  }
  if (!line.empty() || !read_body(response, deadline)) return {0, {}, {}, "incomplete response"};
  return response;
}

HttpResponse HttpConnection::get(const std::string& path, const Headers& headers,
                                 Deadline deadline) {
  std::string request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  if (!send(request + "\r\n", deadline)) return {0, {}, {}, "can't send"};
  return read_response(deadline);
}

bool HttpConnection::is_ended(Deadline deadline) {
  char byte = 0;
  return unread_.empty() && wait_for(socket_, POLLIN, deadline) && recv(socket_, &byte, 1, 0) <= 0;
}

HttpResponse get(std::uint16_t port, const std::string& path, const Headers& headers,
                 Deadline deadline) {
  Headers all = headers;
  all.try_emplace("connection", "close");
  return HttpConnection(port).get(path, all, deadline);
}

std::uint64_t LoadResult::responses() const {
  std::uint64_t total = 0;
  for (const auto& [status, count] : by_status) total += count;
  return total;
}

LoadResult run_load(std::uint16_t port, std::size_t connections,
                    const std::vector<std::string>& paths, std::uint64_t requests) {
  std::vector<std::unique_ptr<HttpConnection>> open;
  for (std::size_t i = 0; i < connections; ++i)
    open.push_back(std::make_unique<HttpConnection>(port));
  std::vector<LoadResult> results(connections);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < connections; ++i) {
      threads.emplace_back([&, i] {
        for (std::uint64_t request = i; request < requests; request += connections) {
          HttpResponse response = open[i]->get(paths[request % paths.size()]);
          if (response.status == 0) {
            ++results[i].failures;
          } else {
            ++results[i].by_status[response.status];
            results[i].body_bytes += response.body.size();
          }
        }
      });
    }
  }
  LoadResult total;
  for (const auto& result : results) {
    for (const auto& [status, count] : result.by_status) total.by_status[status] += count;
    total.body_bytes += result.body_bytes;
    total.failures += result.failures;
  }
  return total;
}

}  // namespace test
