#include "http/origin.h"

#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <string_view>

namespace http {
namespace {

bool is_same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && is_same(text.substr(text.size() - end.size()), end);
}

// "[::1]:80" and "name:80" without the port, and without the dot at the end of a full name.
std::string_view name_in(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  host = host.substr(0, host.find(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool is_this_machine(std::string_view name) {
  char own[HOST_NAME_MAX + 1] = "";
  if (::gethostname(own, sizeof own - 1) == 0 && own[0] != '\0' && is_same(name, own)) return true;
  const bool is_ipv4_loopback =
      name.starts_with("127.") && std::all_of(name.begin(), name.end(), [](char c) {
        return c == '.' || (c >= '0' && c <= '9');
      });
  return is_ipv4_loopback || name == "[::1]" || is_same(name, "localhost") ||
         ends_with(name, ".localhost");
}

}  // namespace

std::optional<std::string> refuse_origin(const Request& request, bool is_page) {
  const RequestHead& head = request.head;
  const bool is_own = head.fetch_site.empty() || is_same(head.fetch_site, "same-origin") ||
                      is_same(head.fetch_site, "none");
  const bool is_followed_link =
      is_page && is_same(head.fetch_mode, "navigate") && is_same(head.fetch_dest, "document");
  if (!is_own && !is_followed_link) {
    return "a page of another site asked for this (Sec-Fetch-Site); open it from /debug/ here";
  }
  if (request.is_on_loopback && !head.host.empty() && !is_this_machine(name_in(head.host))) {
    return "the field Host names another machine, on an address of this one alone; ask for "
           "localhost, and let a proxy do so, too";
  }
  return std::nullopt;
}

}  // namespace http
