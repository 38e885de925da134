// What the kernel says of each thread of a process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

namespace e2e {

// Fields of /proc/PID/task/TID/status, such as "CapEff".
using ThreadStatus = std::map<std::string, std::string>;

// A thread may end while it is looked at: then it is not told of.
std::vector<ThreadStatus> threads_of(pid_t pid);

// Of every set that a thread could act by.
std::uint64_t held_by(const ThreadStatus& thread);

// A set of capabilities, as a number of that file.
std::uint64_t set_in(const ThreadStatus& thread, const char* field);
std::uint64_t bits(std::initializer_list<int> capabilities);

}  // namespace e2e
