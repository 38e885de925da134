// A layout as a file: the cache's and the operator's are alike.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "state/layout.h"

namespace state {

// JSON: {"format": 1, "layout", "build_id", "fields": [{"path", "address", "offsets", "repeats":
// [[stride, count]], "size", "kind": "unsigned"|"signed"|"real"|"pointer"|"text"|"place"}],
// "missing": [{"path", "reason"}]}. Addresses are as linked.
std::string write_layout(const Layout& layout);

// Parses such a text: any bytes. Fails unless it is a whole layout of reasonable fields.
base::Result<Layout> parse_layout(std::string_view text);

// Reads a layout file. Fails when it can't be read or is none.
base::Result<Layout> read_layout_file(const std::string& path);

}  // namespace state
