// The page: what is known, as lines.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

#include "terminal/choice.h"
#include "terminal/line.h"
#include "terminal/pauses.h"
#include "terminal/sample.h"

namespace terminal {

struct PageInput {
  std::string source;            // whom we ask
  std::optional<Sample> before;  // of the same exporter
  std::optional<Sample> now;
  std::deque<Pause> pauses;
  std::string no_pauses;    // why there are none to be known; empty: they are known
  std::string trouble;      // why the last asking failed; empty: it did not
  double age_seconds = 0;   // of `now`
  double unix_seconds = 0;  // what the clock says
  Choice choice;
  bool is_once = false;  // nobody will press a key
};

struct Size {
  std::size_t columns = 80;
  std::size_t rows = 24;  // 0: as many as it takes
};

Lines write_page(const PageInput& input, const Size& size);

}  // namespace terminal
