#include "thread_status.h"

#include <filesystem>
#include <fstream>

namespace e2e {
namespace {

namespace fs = std::filesystem;

ThreadStatus read_status(const fs::path& path) {
  ThreadStatus status;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(":\t");
    if (colon != std::string::npos) status[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return status;
}

}  // namespace

std::vector<ThreadStatus> threads_of(pid_t pid) {
  std::vector<ThreadStatus> threads;
  for (const auto& thread : fs::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    ThreadStatus status = read_status(thread.path() / "status");
    if (status.contains("NoNewPrivs")) threads.push_back(std::move(status));
  }
  return threads;
}

std::uint64_t set_in(const ThreadStatus& thread, const char* field) {
  return std::stoull(thread.at(field), nullptr, 16);
}

std::uint64_t held_by(const ThreadStatus& thread) {
  std::uint64_t held = 0;
  for (const char* field : {"CapEff", "CapPrm", "CapInh", "CapAmb"}) held |= set_in(thread, field);
  return held;
}

std::uint64_t bits(std::initializer_list<int> capabilities) {
  std::uint64_t all = 0;
  for (const int capability : capabilities) all |= std::uint64_t{1} << capability;
  return all;
}

}  // namespace e2e
