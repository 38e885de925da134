// In a pid namespace numbers are others than the machine's, by which the kernel tells of processes.
#include <linux/sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "exporter.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using PidNamespaces = EndToEnd;
using test::Samples;

// A pid namespace with a /proc of its own and a puppet, whose number in it is chosen such that
// nobody outside has it.
class PidNamespace {
 public:
  PidNamespace()
      : number_(free_number()),
        puppet_("/usr/bin/unshare",
                {"--pid", "--fork", "--mount-proc", "--kill-child", "/bin/sh", "-c",
                 "echo " + std::to_string(number_ - 1) + " >/proc/sys/kernel/ns_last_pid; " +
                     puppet_path("probe_puppet") + "; true"}) {}

  pid_t number() const { return number_; }
  Puppet& puppet() { return puppet_; }

  // Arguments of nsenter(1) that run this in there.
  std::vector<std::string> inside(std::vector<std::string> command) const {
    std::vector<std::string> all = {"--target", std::to_string(child_of(puppet_.pid())), "--pid",
                                    "--mount"};
    all.insert(all.end(), command.begin(), command.end());
    return all;
  }

 private:
  static pid_t free_number() {
    pid_t number = 20000;
    while (fs::exists("/proc/" + std::to_string(number))) ++number;
    return number;
  }
  static pid_t child_of(pid_t pid) {
    const std::string text = std::to_string(pid);
    std::ifstream children("/proc/" + text + "/task/" + text + "/children");
    pid_t child = 0;
    children >> child;
    return child;
  }

  pid_t number_;
  Puppet puppet_;
};

constexpr const char* kEnterNamespace = "/usr/bin/nsenter";

TEST_F(PidNamespaces, AProcessIsToldOfByItsNumberThereAndItsExecIsNoticed) {
  PidNamespace world;
  const Exporter exporter(world.inside({exporter_path(), "--pid", std::to_string(world.number())}),
                          kEnterNamespace);
  EXPECT_EQ(exporter.metrics().integer("valkyria_up"), 1u);
  world.puppet().tell("requests 1 3");
  EXPECT_EQ(exporter.metrics().sum("http_requests_total"), 3);
  EXPECT_EQ(world.puppet().tell("exec"), "ready");
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    return exporter.metrics().sum("http_requests_total") == 0 &&
           world.puppet().tell("semaphores") != "0" && exporter.metrics().sum("valkyria_up") == 1;
  })) << exporter.log();
  world.puppet().tell("requests 1 2");
  EXPECT_EQ(exporter.metrics().sum("http_requests_total"), 2);
}

// A process of ours, outside, that gets this number and calls exec.
void run_true_as(pid_t number) {
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uintptr_t>(&number);
  arguments.set_tid_size = 1;
  const auto child = static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
  if (child == 0) {
    ::execl("/bin/true", "true", nullptr);
    ::_exit(127);
  }
  ASSERT_EQ(child, number);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(PidNamespaces, AProcessIsNotTakenForAStrangerWithItsNumberOutside) {
  PidNamespace world;
  const Exporter exporter(world.inside({exporter_path(), "--exe", puppet_path("probe_puppet")}),
                          kEnterNamespace);
  ASSERT_NE(name_of(exporter, world.number()), "");
  world.puppet().tell("requests 1 3");
  run_true_as(world.number());
  // Once this one was found, the stranger's exec has been heard of, too.
  Puppet second(kEnterNamespace, world.inside({puppet_path("probe_puppet")}));
  EXPECT_TRUE(comes_to(exporter, "valkyria_up", {}, 2));
  second.tell("requests 1 5");
  const Samples exported = exporter.metrics();
  EXPECT_EQ(exported.sum("http_requests_total", {{"process", "probe_puppet"}}), 3);
  EXPECT_EQ(exported.sum("http_requests_total", {{"process", "probe_puppet-2"}}), 5);
  EXPECT_EQ(exporter.log().find("has ended"), std::string::npos) << exporter.log();
}

TEST_F(PidNamespaces, AProcessInOneBelowIsRefusedAndTheLogSaysWhy) {
  PidNamespace world;
  const Exporter exporter(world.inside({exporter_path(), "--exe", puppet_path("probe_puppet")}),
                          kEnterNamespace);
  Puppet nested(kEnterNamespace, world.inside({"/usr/bin/unshare", "--pid", "--fork",
                                               "--kill-child", puppet_path("probe_puppet")}));
  EXPECT_TRUE(comes_to(exporter, "valkyria_exporter_targets", {{"state", "refused"}}, 1))
      << exporter.log();
  EXPECT_TRUE(comes_to(exporter, "valkyria_exporter_targets", {{"state", "watched"}}, 1));
  const std::string said = "it is in a pid namespace below ours";
  EXPECT_NE(exporter.log().find(said), std::string::npos) << exporter.log();
  EXPECT_EQ(exporter.log().find(said), exporter.log().rfind(said)) << exporter.log();
}

TEST_F(PidNamespaces, AnotherOneThanThatOfProcIsRefusedByName) {
  Puppet puppet;
  const FailedStart start =
      run_to_failure({"--pid", "--fork", "--kill-child", exporter_path(), "--pid",
                      std::to_string(puppet.pid()), "--web.listen-address", "127.0.0.1:0"},
                     "/usr/bin/unshare");
  EXPECT_EQ(start.status.code, 1);
  EXPECT_NE(start.message.find("pid namespace"), std::string::npos) << start.message;
}

}  // namespace
}  // namespace e2e
