// Bad input gets a clear error, a non-zero exit, and nothing half-started.
#include <errno.h>
#include <unistd.h>

#include <filesystem>

#include "exporter.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using BadInput = EndToEnd;
using testing::Test;

void expect_failure(const FailedStart& failed, const std::string& words) {
  EXPECT_FALSE(failed.status.signalled);
  EXPECT_NE(failed.status.code, 0);
  EXPECT_NE(failed.message.find(words), std::string::npos) << failed.message;
  EXPECT_EQ(failed.message.find("libbpf"), std::string::npos) << failed.message;
}

std::vector<std::string> watch(pid_t pid, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"--pid", std::to_string(pid)};
  if (more.empty()) more = {"--web.listen-address", "127.0.0.1:0"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST_F(BadInput, NoSuchPid) {
  // Above the kernel's largest pid.
  expect_failure(run_to_failure(watch(1 << 30)), "no process with pid 1073741824");
}

TEST_F(BadInput, AProcessWithoutProbes) {
  expect_failure(run_to_failure(watch(::getpid())), "has no probes of the provider \"valkyria\"");
}

TEST_F(BadInput, AnExecutableThatDoesNotExist) {
  expect_failure(run_to_failure({"--exe", "/nonexistent/valk"}),
                 "open /nonexistent/valk: No such file or directory");
}

TEST_F(BadInput, AnExecutableThatIsNoElfFile) {
  expect_failure(run_to_failure({"--exe", "/etc/passwd"}), "read /etc/passwd: not an ELF file");
}

TEST_F(BadInput, NotRoot) {
  test::Minivalk minivalk;
  namespace fs = std::filesystem;
  // setpriv comes with util-linux, which every Debian has.
  std::vector<std::string> arguments{"--reuid=65534", "--regid=65534", "--clear-groups",
                                     exporter_path()};
  const auto options = watch(minivalk.pid());
  arguments.insert(arguments.end(), options.begin(), options.end());
  expect_failure(run_to_failure(arguments, "/usr/bin/setpriv"), "run it as root");
}

TEST_F(BadInput, PortTaken) {
  test::Minivalk minivalk;
  const Exporter first = Exporter::of_pid(minivalk.pid());
  const std::string address = "127.0.0.1:" + std::to_string(first.port());
  expect_failure(run_to_failure(watch(minivalk.pid(), {"--web.listen-address", address})),
                 "listen on " + address + ": Address already in use");
}

TEST_F(BadInput, AnAddressThatCannotBeParsed) {
  for (const char* address : {"here", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:80x", "::1:80"}) {
    expect_failure(run_to_failure(watch(::getpid(), {"--web.listen-address", address})), address);
  }
}

TEST_F(BadInput, OptionsThatCannotBeParsed) {
  expect_failure(run_to_failure({"--pid", "many"}), "--pid");
  expect_failure(run_to_failure({"--pid", "-1"}), "--pid");
  expect_failure(run_to_failure({"--pid", "1", "--exe", "/bin/true"}), "--exe");
  expect_failure(run_to_failure({"--no-such-option"}), "--no-such-option");
  expect_failure(run_to_failure({"--pid", "1", "--name", "valk"}), "--name");
  expect_failure(run_to_failure(watch(1, {"--probes", "gc,htpp"})), "probe group \"htpp\"");
  expect_failure(run_to_failure(watch(1, {"--overhead.max", "much"})), "--overhead.max \"much\"");
  expect_failure(run_to_failure(watch(1, {"--log.level", "loud"})),
                 "--log.level: loud not in {debug,info,warn,error}");
  expect_failure(run_to_failure(watch(1, {"--log.format", "xml"})),
                 "--log.format: xml not in {text,json}");
  expect_failure(run_to_failure(watch(1, {"--web.telemetry-path", "metrics"})),
                 "must begin with /");
}

TEST_F(BadInput, AKernelWithoutBpf) {
  test::Minivalk minivalk;
  for (const auto& [error, words] : {std::pair{ENOSYS, "this kernel has no bpf() system call"},
                                     std::pair{EPERM, "needs CAP_BPF"}}) {
    std::vector<std::string> arguments{"bpf", std::to_string(error), exporter_path()};
    const auto options = watch(minivalk.pid());
    arguments.insert(arguments.end(), options.begin(), options.end());
    expect_failure(run_to_failure(arguments, puppet_path("without_call")), words);
  }
}

// Only the program that follows forks needs BTF, and it can be done without.
TEST_F(BadInput, AKernelWithoutBtfIsFine) {
  test::Minivalk minivalk;
  const std::string hidden_btf = "mount -t tmpfs none /sys/kernel/btf && exec '" + exporter_path() +
                                 "' --pid " + std::to_string(minivalk.pid()) +
                                 " --web.listen-address 127.0.0.1:0";
  test::ChildProcess exporter("/usr/bin/unshare", {"--mount", "/bin/sh", "-c", hidden_btf},
                              test::Stderr::kCaptured);
  EXPECT_TRUE(test::wait_until(test::soon(), [&] {
    return exporter.stderr_text().find("serving on") != std::string::npos ||
           exporter.wait(test::in({})).has_value();
  }));
  EXPECT_NE(exporter.stderr_text().find("serving on"), std::string::npos) << exporter.stderr_text();
}

TEST_F(BadInput, ProbesThatBreakTheContractAreNamedAndLeftAlone) {
  test::ChildProcess target(puppet_path("bad_probes"), {});
  ASSERT_EQ(target.read_line(test::soon()), "ready");
  const Exporter exporter = Exporter::of_pid(target.pid());
  for (const char* words : {"not attaching gc__begin", "8@16(%rsp)", "not attaching gc__end",
                            "5-byte nop", "not attaching gc__request"}) {
    EXPECT_NE(exporter.log().find(words), std::string::npos) << words << "\n" << exporter.log();
  }
  EXPECT_TRUE(exporter.metrics().series("valk_gc_cycles_total").empty());
}

}  // namespace
}  // namespace e2e
