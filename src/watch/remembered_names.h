// The text of the file that remembers names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "watch/name_book.h"

namespace watch {

// What the file says. Times are of CLOCK_BOOTTIME of that boot.
struct RememberedNames {
  std::string boot_id;
  std::uint64_t written_ns = 0;
  std::vector<NamedThing> things;
};

// As a text: lines of words with tabs between them.
std::string write_names(const RememberedNames& names);

// Fails where the text is none of ours, whole and of this version. Takes any bytes.
base::Result<RememberedNames> parse_names(std::string_view text);

// What holds of them now, in the boot `boot_id`. After another boot nobody runs any more, and an
// hour begins anew for all. Who was said to run may have ended since: NameBook::hearsay().
std::vector<NamedThing> names_after_restart(RememberedNames remembered, const std::string& boot_id,
                                            std::uint64_t now_ns);

}  // namespace watch
