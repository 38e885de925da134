// Tells the service manager how we are.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "service/heartbeat.h"
#include "service/notify_socket.h"

namespace service {

// What it asks the rest of the program, in its own thread. None of them may wait for anything.
struct Questions {
  std::function<std::string()> status;  // one line for people
  std::function<Turns()> turns;         // of the parts that must turn, for the watchdog
  std::function<void()> wake;           // makes those turn that would sleep
};

// Owns the thread that says STATUS= when it has changed, and WATCHDOG=1 as long as every part
// turns: one that hangs has us ended and started again by the manager, if that has a watchdog. It
// needs no privileges. What can't be sent is logged once, and lost.
class Notifier {
 public:
  // Tells that we are ready. `questions` are asked until the destructor returns. Fails where the
  // environment names no socket that could be, or no thread is to be had.
  static base::Result<std::unique_ptr<Notifier>> start(const Environment& environment,
                                                       Questions questions);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // Before the configuration is read anew; tell_ready() says that it was. Any thread.
  void tell_reloading();
  void tell_ready();
  // The shutdown begins; nothing else is told from now on. Any thread.
  void tell_stopping();

 private:
  Notifier(NotifySocket socket, Questions questions, std::chrono::microseconds beat);

  void run(const std::stop_token& stop);
  void tell_status();
  void beat();
  void send(std::string_view message);

  const NotifySocket socket_;
  const Questions questions_;
  const std::chrono::microseconds beat_;  // how often the watchdog hears of us; zero: there is none
  std::mutex mutex_;                      // over the next four
  std::condition_variable_any stopped_;
  bool is_stopping_ = false;
  bool has_failed_ = false;
  std::string status_;
  Heartbeat heartbeat_;  // the thread's alone
  std::jthread thread_;  // the last: it uses the others
};

}  // namespace service
