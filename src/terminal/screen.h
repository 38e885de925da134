// The terminal itself.
#pragma once

#include <termios.h>

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "terminal/line.h"
#include "terminal/page.h"

namespace terminal {

// Of the terminal behind a descriptor; 80 x 24 where there is none, or where it does not say.
Size size_of(int fd);

// Colours as the environment and what `fd` is ask for.
Colours colours_for(int fd);

// A terminal with the page on its second screen, and keys that come one by one and unseen. Its
// destructor gives everything back: the first screen, the cursor, the modes. While it lives, what
// this process says on a terminal at stderr is kept, and said after it: it would stand amid the
// page. For one thread.
class Screen {
 public:
  // `in` may be no terminal; then no key will come.
  static base::Result<std::unique_ptr<Screen>> open(int in, int out);
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // Draws over what is there, without a flicker. Fails where the terminal is gone.
  base::Result<void> draw(const Lines& lines, const Size& size, Colours colours);

 private:
  Screen(int in, int out) : in_(in), out_(out) {}
  void hold_stderr();
  void release_stderr();

  int in_;
  int out_;
  bool is_raw_ = false;
  termios modes_{};        // before us
  base::UniqueFd stderr_;  // the real one
  base::UniqueFd held_;    // what was said meanwhile
};

}  // namespace terminal
