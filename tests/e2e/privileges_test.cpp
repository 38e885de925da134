// What each thread of the exporter may do.
#include <linux/capability.h>

#include <filesystem>

#include <fstream>
#include <map>
#include <set>

#include "exporter.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using Privileges = EndToEnd;
using Status = std::map<std::string, std::string>;  // fields of /proc/PID/task/TID/status

Status read_status(const fs::path& path) {
  Status status;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(":\t");
    if (colon != std::string::npos) status[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return status;
}

// A thread may end while it is looked at: then it is not told of.
std::vector<Status> threads_of(pid_t pid) {
  std::vector<Status> threads;
  for (const auto& thread : fs::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    Status status = read_status(thread.path() / "status");
    if (status.contains("NoNewPrivs")) threads.push_back(std::move(status));
  }
  return threads;
}

// Of every set that a thread could act by.
std::uint64_t held_by(const Status& thread) {
  std::uint64_t held = 0;
  for (const char* set : {"CapEff", "CapPrm", "CapInh", "CapAmb"}) {
    held |= std::stoull(thread.at(set), nullptr, 16);
  }
  return held;
}

std::uint64_t bits(std::initializer_list<int> capabilities) {
  std::uint64_t all = 0;
  for (const int capability : capabilities) all |= std::uint64_t{1} << capability;
  return all;
}

// Attaching, and starting children that may do nothing.
std::uint64_t allowed(const std::string& thread_name) {
  static const std::set<std::string> attaching = {"discovery", "recogniser", "begin", "calibrate",
                                                  "profiler"};
  if (attaching.contains(thread_name)) {
    return bits({CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH,
                 CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_SYS_CHROOT, CAP_KILL});
  }
  return thread_name == "memory" ? bits({CAP_SYS_PTRACE}) : 0;
}

TEST_F(Privileges, NoThreadButThoseThatAttachOrReadMemoryHoldsAnyCapability) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  ASSERT_TRUE(comes_to(exporter, "valkyria_up", {}, 1));
  test::HttpConnection open_connection(exporter.port());
  EXPECT_EQ(open_connection.get("/metrics").status, 200);
  std::multiset<std::string> names;
  for (const Status& thread : threads_of(exporter.pid())) {
    const std::string& name = thread.at("Name");
    names.insert(name);
    EXPECT_EQ(held_by(thread) & ~allowed(name), 0u) << name << ": " << std::hex << held_by(thread);
    EXPECT_EQ(thread.at("NoNewPrivs"), "1") << name;
  }
  // Otherwise nothing was looked at.
  for (const char* name :
       {"discovery", "recogniser", "memory", "auditor", "detacher", "profiler"}) {
    EXPECT_EQ(names.count(name), 1u) << name;
  }
  EXPECT_GE(names.count("valkyria_export"), 3u) << "main, log and HTTP";
}

TEST_F(Privileges, WhatIsKeptIsEnoughToGoOnReadingAndAttaching) {
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  Puppet puppet;
  const std::string name = name_of(exporter, puppet.pid());
  puppet.tell("requests 1 2");
  EXPECT_EQ(exporter.metrics().sum("http_requests_total", {{"process", name}}), 2);
}

}  // namespace
}  // namespace e2e
