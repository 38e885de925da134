#include "bench_support/cpu_clock.h"

#include <fmt/format.h>
#include <sched.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace bench {
namespace {

// Asked once, before anybody is pinned.
const cpu_set_t& allowed_cpus() {
  static const cpu_set_t allowed = [] {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    ::sched_getaffinity(0, sizeof cpus, &cpus);
    return cpus;
  }();
  return allowed;
}

}  // namespace

CpuClock::CpuClock(pid_t pid) {
  if (::clock_getcpuclockid(pid, &clock_) != 0) {
    throw std::runtime_error(fmt::format("open the CPU clock of pid {}", pid));
  }
}

double CpuClock::now_ns() const {
  timespec now{};
  if (::clock_gettime(clock_, &now) != 0) throw std::runtime_error("read a CPU clock");
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

int first_cpu() {
  int cpu = 0;
  while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &allowed_cpus())) ++cpu;
  return cpu;
}

int last_cpu() {
  int cpu = CPU_SETSIZE - 1;
  while (cpu > 0 && !CPU_ISSET(cpu, &allowed_cpus())) --cpu;
  return cpu;
}

void pin(pid_t pid, int cpu) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid))) {
    const pid_t thread = std::stoi(task.path().filename());
    if (::sched_setaffinity(thread, sizeof cpus, &cpus) != 0) {
      throw std::runtime_error(fmt::format("pin thread {} to CPU {}", thread, cpu));
    }
  }
}

}  // namespace bench
