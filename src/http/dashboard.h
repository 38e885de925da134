// The page /debug/ and its files, which are part of this program.
#pragma once

#include <string_view>

#include "http/exchange.h"

namespace http {

// Whether `path` is one of the page's; also where this program was built without it.
bool is_of_dashboard(std::string_view path);

// Answers such a path. The page itself may not be kept by anybody; what it names has the hash of
// its contents in its name, and may be kept for ever.
void answer_dashboard(const Request& request, Response& response);

}  // namespace http
