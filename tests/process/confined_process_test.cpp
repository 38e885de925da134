// A confined process as others see it.
#include "confined/confinement.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#include "base/unique_fd.h"
#include "confined/child.h"
#include "confined_parts.h"
#include "support/deadline.h"

namespace {

namespace fs = std::filesystem;

// Tells its pid once it is confined, and waits for the end of its file.
int stay(const std::vector<std::string>&) {
  const std::string pid = std::to_string(::getpid());
  if (!confined::confine_process()) return 1;
  test::say(pid + "\n");
  char byte = 0;
  return ::read(confined::kFirstFile, &byte, 1) == 0 ? 0 : 1;
}

const test::AddPart kStay{"stay", stay};

std::map<std::string, std::string> fields_of(const std::string& path) {
  std::map<std::string, std::string> fields;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::istringstream words(line.substr(colon + 1));
    std::string all;
    for (std::string word; words >> word;) all += (all.empty() ? "" : " ") + word;
    fields[line.substr(0, colon)] = all;
  }
  return fields;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// One that waits, looked at from outside.
class ConfinedProcess : public testing::Test {
 protected:
  ConfinedProcess() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    answer_ = base::UniqueFd(ends[0]);
    output_ = base::UniqueFd(ends[1]);
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    waits_for_ = base::UniqueFd(ends[0]);
    keeps_it_ = base::UniqueFd(ends[1]);
  }

  base::Result<confined::Child> start() {
    return confined::Child::start({"test", "stay"}, output_.get(), {waits_for_.get()});
  }

  // Where /proc tells about it, once it is confined.
  std::string proc() const {
    std::string pid;
    char byte = 0;
    while (confined::wait_readable(answer_.get(), {test::soon(), {}}) &&
           ::read(answer_.get(), &byte, 1) == 1 && byte != '\n') {
      pid += byte;
    }
    return "/proc/" + pid;
  }

  base::UniqueFd answer_;
  base::UniqueFd output_;
  base::UniqueFd waits_for_;
  base::UniqueFd keeps_it_;
};

TEST_F(ConfinedProcess, IsNobodyWithoutAnyRight) {
  auto child = start();
  ASSERT_TRUE(child) << child.error().message;
  const auto status = fields_of(proc() + "/status");
  EXPECT_EQ(status.at("NoNewPrivs"), "1");
  EXPECT_EQ(status.at("Seccomp"), "2");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
    EXPECT_EQ(status.at(set), "0000000000000000") << set;
  }
  if (::geteuid() != 0) GTEST_SKIP() << "whoever is not root stays who he is";
  EXPECT_EQ(status.at("CapBnd"), "0000000000000000");
  EXPECT_EQ(status.at("Uid"), "65534 65534 65534 65534");
  EXPECT_EQ(status.at("Gid"), "65534 65534 65534 65534");
  EXPECT_EQ(status.at("Groups"), "");
}

TEST_F(ConfinedProcess, HasAnEmptyRootAndNoMoreDescriptorsThanItWasGiven) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can look";
  auto child = start();
  ASSERT_TRUE(child) << child.error().message;
  const std::string place = proc();
  for (const char* link : {"/root", "/cwd"}) {
    const std::string seen = fs::read_symlink(place + link).string();
    EXPECT_THAT(seen, testing::HasSubstr("fdinfo")) << seen;
  }
  std::error_code error;
  EXPECT_EQ(fs::directory_iterator(place + "/root/", error), fs::directory_iterator());
  std::set<std::string> descriptors;
  for (const auto& entry : fs::directory_iterator(place + "/fd")) {
    descriptors.insert(entry.path().filename());
  }
  EXPECT_EQ(descriptors, (std::set<std::string>{"0", "1", "2", "3"}));
}

TEST_F(ConfinedProcess, HasLimits) {
  auto child = start();
  ASSERT_TRUE(child) << child.error().message;
  const std::string limits = read_file(proc() + "/limits");
  for (const char* line :
       {"Max cpu time +10 +10 ", "Max file size +0 +0 ", "Max core file size +0 +0 ",
        "Max processes +0 +0 ", "Max open files +16 +16 ",
#ifndef VALKYRIA_SANITIZED
        "Max address space +1073741824 +1073741824 "
#endif
       }) {
    EXPECT_THAT(limits, testing::ContainsRegex(line));
  }
}

TEST_F(ConfinedProcess, EndsWithTheThreadThatStartedIt) {
  std::optional<confined::Child> child;
  std::thread([&] {
    auto started = start();
    if (started) child.emplace(std::move(*started));
    proc();
  }).join();
  ASSERT_TRUE(child);
  const auto status = child->wait({test::soon(), {}});
  ASSERT_TRUE(status);
  EXPECT_TRUE(WIFSIGNALED(*status) && WTERMSIG(*status) == SIGKILL);
}

}  // namespace
