// What the log says of targets: who they are, why they end, and nothing that a target says in our
// name.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "exporter.h"
#include "places.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using testing::HasSubstr;
using testing::Not;
using Log = EndToEnd;

testing::AssertionResult says(const Exporter& exporter, const std::string& words) {
  if (test::wait_until(test::soon(),
                       [&] { return exporter.log().find(words) != std::string::npos; })) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "no \"" << words << "\" in:\n" << exporter.log();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_F(Log, BeginsWithWhatRunsWhomItWatchesAndWhere) {
  Puppet puppet;
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  EXPECT_TRUE(std::regex_search(
      exporter.log(),
      std::regex("Z info valkyria_exporter [0-9.]+ \\(revision [0-9a-z-]+\\) watches --pid " +
                 std::to_string(puppet.pid()) +
                 ", serving on http://127\\.0\\.0\\.1:[0-9]+/metrics\n")))
      << exporter.log();
}

TEST_F(Log, SaysWhyATargetEnds) {
  const Exporter exporter({"--exe", puppet_path("probe_puppet")});
  Puppet killed;
  const std::string pid = std::to_string(killed.pid());
  ASSERT_NE(name_of(exporter, killed.pid()), "");
  killed.process.signal(SIGKILL);
  EXPECT_TRUE(says(exporter, "process=\"probe_puppet\": pid " + pid +
                                 " (probe_puppet) has ended: it was killed by SIGKILL"));
  ASSERT_TRUE(killed.process.wait(test::soon()));
  Puppet ending;
  ASSERT_NE(name_of(exporter, ending.pid()), "");
  ending.process.close_stdin();
  EXPECT_TRUE(says(exporter, "pid " + std::to_string(ending.pid()) +
                                 " (probe_puppet) has ended: it exited with 0"));
}

TEST_F(Log, SaysThatATargetRunsAnotherImage) {
  Puppet puppet;
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  puppet.process.write_line("exec");
  EXPECT_TRUE(says(exporter, "has called exec, and runs another image: "));
}

TEST_F(Log, ANameForgesNoLineAndIsValidJson) {
  const TemporaryDirectory directory;
  const auto hostile = directory.path() / "x\nFORGED \xFF\"";
  std::filesystem::copy_file(test::built_programs_dir() + "/minivalk", hostile);
  test::Minivalk minivalk(hostile.string(), {});
  {
    Exporter exporter({"--exe", hostile.string(), "--log.level", "debug"});
    ASSERT_NE(name_of(exporter, minivalk.pid()), "");
    EXPECT_THAT(exporter.log(), Not(HasSubstr("\nFORGED")));
    EXPECT_THAT(exporter.log(), HasSubstr("x\\nFORGED \\xff"));
  }
  Exporter exporter({"--exe", hostile.string(), "--log.level", "debug", "--log.format", "json"});
  ASSERT_NE(name_of(exporter, minivalk.pid()), "");
  for (const std::string& line : lines_of(exporter.log())) {
    EXPECT_FALSE(nlohmann::json::parse(line, nullptr, false).is_discarded()) << line;
  }
}

// Three lines of a kind a minute; what is left is told at the end.
TEST_F(Log, ATargetThatComesAndGoesDoesNotFillIt) {
  Exporter exporter({"--exe", puppet_path("probe_puppet")});
  constexpr int kStarts = 6;
  for (int i = 0; i < kStarts; ++i) {
    Puppet puppet;
    ASSERT_NE(name_of(exporter, puppet.pid()), "");
    puppet.process.signal(SIGKILL);
    ASSERT_TRUE(puppet.process.wait(test::soon()));
    EXPECT_TRUE(comes_to(exporter, "valkyria_up", {}, 0));
  }
  exporter.process().signal(SIGTERM);
  ASSERT_TRUE(exporter.process().wait(test::soon()));
  const std::string log = exporter.log();
  std::size_t ends = 0;
  for (const std::string& line : lines_of(log))
    ends += line.find("has ended: ") != std::string::npos;
  EXPECT_EQ(ends, 4u) << log;
  EXPECT_THAT(log, HasSubstr("it was killed by SIGKILL (and 2 more like it)"));
}

TEST_F(Log, HangupEndsNothing) {
  Puppet puppet;
  Exporter exporter = Exporter::of_pid(puppet.pid());
  exporter.process().signal(SIGHUP);
  EXPECT_TRUE(says(exporter, "SIGHUP"));
  EXPECT_EQ(exporter.get("/-/healthy").status, 200);
  exporter.process().signal(SIGTERM);
  EXPECT_EQ(exporter.process().wait(test::soon()),
            (test::ExitStatus{.signalled = false, .code = 0}));
}

}  // namespace
}  // namespace e2e
