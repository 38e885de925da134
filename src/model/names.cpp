#include "model/names.h"

namespace model {

std::string_view name_of(ConnectionState state) {
  switch (state) {
    case ConnectionState::kNone:
      return "none";
    case ConnectionState::kConnecting:
      return "connecting";
    case ConnectionState::kActive:
      return "active";
    case ConnectionState::kIdle:
      return "idle";
    case ConnectionState::kClosing:
      return "closing";
    case ConnectionState::kClosed:
      return "closed";
  }
  return "unknown";
}

std::string_view name_of(EvalKind kind) {
  switch (kind) {
    case EvalKind::kScript:
      return "script";
    case EvalKind::kRepl:
      return "repl";
    case EvalKind::kRequest:
      return "request";
    case EvalKind::kTimer:
      return "timer";
    case EvalKind::kTask:
      return "task";
  }
  return "unknown";
}

std::string_view name_of(ProcessState state) {
  switch (state) {
    case ProcessState::kRunning:
      return "running";
    case ProcessState::kStopped:
      return "stopped";
    case ProcessState::kFrozen:
      return "frozen";
  }
  return "unknown";
}

std::string_view name_of(StatusClass status) {
  switch (status) {
    case StatusClass::k1xx:
      return "1xx";
    case StatusClass::k2xx:
      return "2xx";
    case StatusClass::k3xx:
      return "3xx";
    case StatusClass::k4xx:
      return "4xx";
    case StatusClass::k5xx:
      return "5xx";
    case StatusClass::kOther:
      return "other";
  }
  return "unknown";
}

}  // namespace model
