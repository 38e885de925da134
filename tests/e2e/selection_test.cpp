// Who is selected, by options of several kinds.
#include <filesystem>
#include <string>

#include "exporter.h"
#include "places.h"
#include "target/place.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using SelectedBy = EndToEnd;

bool is_told_of(const Exporter& exporter, pid_t pid) {
  return !exporter.metrics()
              .series("valkyria_process_info", {{"pid", std::to_string(pid)}})
              .empty();
}

TEST_F(SelectedBy, NothingEmpty) {
  for (const char* const option : {"--exe", "--name", "--unit", "--cgroup"}) {
    const FailedStart failed = run_to_failure({option, ""});
    EXPECT_NE(failed.message.find(option), std::string::npos) << failed.message;
    EXPECT_NE(failed.message.find("is empty"), std::string::npos) << failed.message;
  }
}

TEST_F(SelectedBy, ANameThatIsLongerThanAComm) {
  const TemporaryDirectory directory;
  const fs::path program = directory.path() / "valkyria-order-server";
  const fs::path other = directory.path() / "valkyria-order-client";
  fs::copy_file(puppet_path("probe_puppet"), program);
  fs::copy_file(puppet_path("probe_puppet"), other);
  Puppet cut_alike(other.string());
  const Exporter exporter({"--name", "valkyria-order-server"});
  Puppet puppet(program.string());
  EXPECT_NE(name_of(exporter, puppet.pid()), "") << exporter.log();
  EXPECT_FALSE(is_told_of(exporter, cut_alike.pid()));
}

TEST_F(SelectedBy, SeveralFiles) {
  const TemporaryDirectory directory;
  const fs::path copy = directory.path() / "copy";
  fs::copy_file(puppet_path("probe_puppet"), copy);
  const Exporter exporter({"--exe", puppet_path("probe_puppet"), "--exe", copy.string()});
  Puppet first;
  Puppet second(copy.string());
  EXPECT_NE(name_of(exporter, first.pid()), "") << exporter.log();
  EXPECT_NE(name_of(exporter, second.pid()), "") << exporter.log();
}

TEST_F(SelectedBy, AFileAndANameTogether) {
  const TemporaryDirectory directory;
  const fs::path copy = directory.path() / "copy";
  fs::copy_file(puppet_path("probe_puppet"), copy);
  const Exporter exporter({"--exe", copy.string(), "--name", "copy", "--name", "probe_puppet"});
  Puppet other;
  Puppet both(copy.string());
  EXPECT_NE(name_of(exporter, both.pid()), "") << exporter.log();
  EXPECT_FALSE(is_told_of(exporter, other.pid()));
}

TEST_F(SelectedBy, AControlGroup) {
  Puppet puppet;
  const std::string path = target::read_place("/proc", puppet.pid()).cgroup;
  if (path.empty()) GTEST_SKIP() << "this machine puts the test into the root of all groups";
  const Exporter exporter({"--cgroup", path.substr(0, 2) + "*"});
  EXPECT_NE(name_of(exporter, puppet.pid()), "") << exporter.log();
  const Exporter others({"--cgroup", "/no-such-group-*"});
  EXPECT_FALSE(is_told_of(others, puppet.pid()));
}

TEST_F(SelectedBy, WhatNobodyFitsIsSaidOnce) {
  const Exporter exporter({"--unit", "no-such-unit-*"});
  const std::string said = "waiting for --unit 'no-such-unit-*'";
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    return exporter.log().find(said) != std::string::npos;
  })) << exporter.log();
  EXPECT_EQ(exporter.log().find(said), exporter.log().rfind(said));
  EXPECT_NE(exporter.get("/").body.find("--unit &#39;no-such-unit-*&#39;"), std::string::npos);
  EXPECT_NE(exporter.get("/").body.find("None yet"), std::string::npos);
}

TEST_F(SelectedBy, AnotherProcOfTheSameNamespace) {
  const TemporaryDirectory directory;
  const Mount proc("proc", directory.path() / "proc");
  Puppet puppet;
  const Exporter exporter(
      {"--pid", std::to_string(puppet.pid()), "--path.procfs", proc.path().string()});
  EXPECT_EQ(exporter.metrics().integer("valkyria_up"), 1u);
}

TEST_F(SelectedBy, NoProcWhereThereIsNone) {
  const TemporaryDirectory directory;
  const FailedStart failed = run_to_failure(
      {"--path.procfs", directory.path().string(), "--web.listen-address", "127.0.0.1:0"});
  EXPECT_NE(failed.message.find("--path.procfs must be a mounted proc"), std::string::npos)
      << failed.message;
}

}  // namespace
}  // namespace e2e
