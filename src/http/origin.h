// Which pages and names may make a browser ask for what is not for everybody.
#pragma once

#include <optional>
#include <string>

#include "http/exchange.h"

namespace http {

// Why a request for something below /debug/ is refused; none: it is not.
//
// A page of another site that a person here looks at must not ask on their behalf: browsers say
// whose page it is that asks (Fetch Metadata). Following a link to `is_page` is asking oneself.
// And on a loopback address the name that was asked for must be one of this machine: another
// site's name that was made to lead here would make its page one of ours (DNS rebinding).
std::optional<std::string> refuse_origin(const Request& request, bool is_page);

}  // namespace http
