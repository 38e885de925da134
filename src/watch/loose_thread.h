// A thread whose work may hang for ever in the kernel, and hurts nobody then.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

#include "base/result.h"

namespace watch {

// Runs one piece of work. What touches somebody else's files or memory waits where they do: such
// work must own, or share the ownership of, everything that it uses.
class LooseThread {
 public:
  using Work = std::function<void(const std::stop_token& stop)>;

  // `name` of at most 15 bytes is what the kernel calls the thread. Fails where threads are short,
  // and while kMaxLeftBehind earlier ones still hang.
  static base::Result<LooseThread> start(const char* name, Work work);

  LooseThread(LooseThread&&) noexcept = default;
  LooseThread& operator=(LooseThread&&) = delete;
  // Asks the work to stop and waits until a moment after it was first asked. A thread that hangs is
  // left behind: it ends when the kernel lets it go, or with us.
  ~LooseThread();

  bool is_done() const;
  // Whether it is done by then.
  bool wait(std::chrono::steady_clock::time_point deadline) const;
  void request_stop();

  // Threads that hang and whose owner is gone.
  static int left_behind();
  static constexpr int kMaxLeftBehind = 16;

 private:
  struct State;

  LooseThread(std::shared_ptr<State> state, std::thread thread)
      : state_(std::move(state)), thread_(std::move(thread)) {}

  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace watch
