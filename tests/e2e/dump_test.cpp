// valkyria_exporter dump: one snapshot for scripts.
#include <nlohmann/json.hpp>

#include "exporter.h"

namespace e2e {
namespace {

using Dump = EndToEnd;

std::vector<std::string> dump(pid_t pid, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"dump", "--pid", std::to_string(pid)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST_F(Dump, WithoutSecondsAttachesNothing) {
  Puppet puppet;
  const Answer answer = run_to_end(dump(puppet.pid()));
  EXPECT_EQ(answer.code, 0) << answer.err;
  const test::Samples samples = test::parse_prometheus(answer.out);
  EXPECT_TRUE(samples.problems.empty());
  EXPECT_GT(samples.number("valkyria_process_resident_memory_bytes"), 0);
  EXPECT_TRUE(samples.series("valk_gc_cycles_total").empty());
  EXPECT_EQ(puppet.tell("semaphores"), "0");
}

// They are raised one after the other: the first says nothing of the last.
std::string semaphores_of_whole_attach(Puppet& puppet) {
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  return puppet.tell("semaphores");
}

TEST_F(Dump, WithSecondsCountsForThatLongAndDetaches) {
  Puppet puppet;
  const std::string all = semaphores_of_whole_attach(puppet);
  test::ChildProcess dumping(exporter_path(), dump(puppet.pid(), {"--seconds", "3"}));
  ASSERT_TRUE(test::wait_until(test::soon(), [&] { return puppet.tell("semaphores") == all; }));
  puppet.tell("gc 3");
  std::string text;
  while (const auto line = dumping.read_line(test::soon())) text += *line + "\n";
  EXPECT_EQ(dumping.wait(test::soon()), (test::ExitStatus{.signalled = false, .code = 0}));
  EXPECT_EQ(test::parse_prometheus(text).integer("valk_gc_cycles_total"), 3u) << text;
  EXPECT_EQ(puppet.tell("semaphores"), "0");
}

TEST_F(Dump, WritesJson) {
  Puppet puppet;
  const Answer answer = run_to_end(dump(puppet.pid(), {"--format", "json"}));
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(nlohmann::json::parse(answer.out)["process"]["pid"], puppet.pid());
}

TEST_F(Dump, SaysClearlyWhatIsWrong) {
  EXPECT_NE(run_to_end({"dump"}).code, 0);
  EXPECT_NE(run_to_end(dump(1 << 30)).err.find("no process with pid"), std::string::npos);
  EXPECT_NE(run_to_end(dump(1, {"--seconds", "0"})).code, 0);
  EXPECT_NE(run_to_end(dump(1, {"--format", "xml"})).code, 0);
}

}  // namespace
}  // namespace e2e
