#include "bpftrace.h"

#include <csignal>
#include <regex>
#include <stdexcept>

namespace bench {
namespace {

// The contract's operands 6 to 11 are registers that no C function has arguments in. Histograms are
// those that bpftrace has, by powers of two.
constexpr const char* kScript = R"(
BEGIN { printf("attached\n"); }
usdt:PROGRAM:valkyria:request__end {
  @requests[arg0, arg2, reg("ax") / 100, reg("r11") != 0] = count();
  @durations[arg0, arg2] = hist(reg("r10"));
  @durations_ns[arg0, arg2] = sum(reg("r10"));
  if (reg("r11") != 0) {
    @idle[arg0, arg2] = hist(reg("r11"));
    @idle_ns[arg0, arg2] = sum(reg("r11"));
  }
  if (reg("bx") != 0) {
    @handlers[arg0, arg2] = hist(reg("bx"));
    @handlers_ns[arg0, arg2] = sum(reg("bx"));
  }
  @sent[arg0, arg2] = sum(reg("r12"));
  @received[arg0, arg2] = sum(reg("r13"));
}
usdt:PROGRAM:valkyria:overload { @overloads[arg0, arg2, reg("ax")] = count(); }
usdt:PROGRAM:valkyria:connection__state {
  @transitions[arg0, arg2, reg("r10"), reg("r11")] = count();
  if (reg("bx") != 0) {
    @states[arg0, arg2, reg("r10")] = hist(reg("bx"));
    @states_ns[arg0, arg2, reg("r10")] = sum(reg("bx"));
  }
}
usdt:PROGRAM:valkyria:gc__request { @gc_requested[arg0] = nsecs; }
usdt:PROGRAM:valkyria:gc__begin {
  @safepoints[arg0] = hist(nsecs - @gc_requested[arg0]);
  @gc_begun[arg0] = nsecs;
}
usdt:PROGRAM:valkyria:gc__end {
  @pauses[arg0] = hist(nsecs - @gc_begun[arg0]);
  @pauses_ns[arg0] = sum(nsecs - @gc_begun[arg0]);
  @reclaimed[arg0] = sum(arg2);
}
usdt:PROGRAM:valkyria:eval__begin { @eval_begun[arg0] = nsecs; }
usdt:PROGRAM:valkyria:eval__end {
  @evals[arg1] = hist(nsecs - @eval_begun[arg0]);
  @evals_ns[arg1] = sum(nsecs - @eval_begun[arg0]);
}
usdt:PROGRAM:valkyria:client__operation {
  @operations[arg0, arg4] = hist(arg3);
  @operations_ns[arg0] = sum(arg3);
}
usdt:PROGRAM:valkyria:client__cache { @look_ups[arg0, arg3] = count(); }
usdt:PROGRAM:valkyria:loop__stall { @stalls[arg0] = hist(arg2); @stalls_ns[arg0] = sum(arg2); }
)";

}  // namespace

Bpftrace::Bpftrace(const std::string& program, int pid)
    : process_(std::make_unique<test::ChildProcess>(
          "/usr/bin/env",
          std::vector<std::string>{
              "bpftrace", "-p", std::to_string(pid), "-e",
              std::regex_replace(std::string(kScript), std::regex("PROGRAM"), program)},
          test::Stderr::kCaptured)) {
  while (const auto line = process_->read_line(test::soon())) {
    if (*line == "attached") return;
  }
  throw std::runtime_error("bpftrace does not attach: " + process_->stderr_text());
}

// What it has counted it prints at its end, and waits until somebody has read it.
Bpftrace::~Bpftrace() {
  process_->signal(SIGINT);
  while (process_->read_line(test::soon())) {
  }
  process_->wait(test::soon());
}

}  // namespace bench
