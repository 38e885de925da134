#include "target_cpu.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "support/deadline.h"

namespace bench {
namespace {

namespace fs = std::filesystem;

std::string first_line_of(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error("read " + path.string());
  return line;
}

bool sleeps(const fs::path& task) {
  const std::string line = first_line_of(task / "stat");
  const std::size_t name_end = line.rfind(") ");
  return name_end != std::string::npos && line.at(name_end + 2) == 'S';
}

fs::path tasks_of(pid_t pid) {
  return fmt::format("/proc/{}/task", pid);
}

}  // namespace

double cpu_ns(pid_t pid) {
  double sum_ns = 0;
  for (const auto& task : fs::directory_iterator(tasks_of(pid))) {
    sum_ns += std::stod(first_line_of(task.path() / "schedstat"));
  }
  return sum_ns;
}

double cpu_at_rest_ns(pid_t pid) {
  const bool rests = test::wait_until(test::soon(), [&] {
    for (const auto& task : fs::directory_iterator(tasks_of(pid))) {
      if (!sleeps(task)) return false;
    }
    return true;
  });
  if (!rests) throw std::runtime_error("the target does not come to rest");
  return cpu_ns(pid);
}

}  // namespace bench
