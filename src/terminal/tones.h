// How a state is coloured; words or signs say it besides.
#pragma once

#include "terminal/health.h"
#include "terminal/line.h"

namespace terminal {

inline Tone tone_of(State state) {
  switch (state) {
    case State::kUnknown:
      return Tone::kDim;
    case State::kGood:
      return Tone::kGood;
    case State::kWarning:
      return Tone::kWarning;
    case State::kCritical:
      return Tone::kCritical;
  }
  return Tone::kPlain;
}

}  // namespace terminal
