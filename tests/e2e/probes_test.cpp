// valkyria_exporter probes: what a process has.
#include <unistd.h>

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "exporter.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using Probes = EndToEnd;
using Json = nlohmann::json;

Json list_probes(pid_t pid) {
  const Answer answer = run_to_end({"probes", "--pid", std::to_string(pid), "--format", "json"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(answer.err, "");
  return Json::parse(answer.out);
}

Json find(const Json& listed, const std::string& name) {
  for (const Json& probe : listed.at("probes")) {
    if (probe.at("name") == name) return probe;
  }
  return nullptr;
}

TEST_F(Probes, ListsEveryProbeOfTheContractInMinivalk) {
  test::Minivalk minivalk;
  const Json listed = list_probes(minivalk.pid());
  EXPECT_EQ(listed.at("comm"), "minivalk");
  EXPECT_EQ(listed.at("probes").size(), 14u);
  for (const Json& probe : listed.at("probes")) {
    EXPECT_NE(probe.at("state"), "refused") << probe;
    if (probe.at("state") == "absent") continue;
    EXPECT_FALSE(probe.at("sites").empty()) << probe;
    ASSERT_EQ(probe.at("semaphores").size(), 1u) << probe;
    EXPECT_EQ(probe.at("semaphores")[0].at("value"), 0) << probe;
  }
}

TEST_F(Probes, TellsWhereAProbeStandsAndWhatItGives) {
  Puppet puppet;
  const Json probe = find(list_probes(puppet.pid()), "request__end");
  EXPECT_EQ(probe.at("state"), "attachable");
  EXPECT_EQ(probe.at("group"), "http");
  EXPECT_EQ(probe.at("cost"), "medium");
  EXPECT_TRUE(probe.at("how") == "uprobe_multi" || probe.at("how") == "perf event") << probe;
  EXPECT_EQ(probe.at("sites")[0].at("operands").size(), 12u);
  EXPECT_THAT(probe.at("families").get<std::vector<std::string>>(),
              testing::Contains("http_requests_total"));
}

TEST_F(Probes, MarksTheOnesThatOnlyRepeatWhatMemoryTells) {
  test::Minivalk minivalk;
  const Json listed = list_probes(minivalk.pid());
  for (const char* name : {"overload", "client__operation", "client__cache"}) {
    EXPECT_EQ(find(listed, name).at("state"), "not_needed") << name;
    EXPECT_TRUE(find(listed, name).at("families").empty()) << name;
  }
  EXPECT_EQ(find(listed, "request__end").at("state"), "attachable");
  EXPECT_GT(listed.at("hit_cost_ns"), 0);
}

TEST_F(Probes, MarksTheOnesThatTheBinaryLacks) {
  Puppet puppet(puppet_path("bad_probes"));
  const Json probe = find(list_probes(puppet.pid()), "gc__arrive");
  EXPECT_EQ(probe.at("state"), "absent");
  EXPECT_TRUE(probe.at("sites").empty());
}

TEST_F(Probes, MarksTheOnesThatBreakTheContractWithTheReason) {
  Puppet puppet(puppet_path("bad_probes"));
  const Json listed = list_probes(puppet.pid());
  EXPECT_EQ(find(listed, "overload").at("state"), "attachable");
  const Json probe = find(listed, "gc__end");
  EXPECT_EQ(probe.at("state"), "refused");
  EXPECT_NE(probe.at("how").get<std::string>().find("5-byte nop"), std::string::npos) << probe;
}

TEST_F(Probes, ShowsTheSemaphoresThatAnExporterRaisedAndRaisesNone) {
  Puppet puppet;
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  const std::string raised = puppet.tell("semaphores");
  const Json listed = list_probes(puppet.pid());
  EXPECT_EQ(find(listed, "request__end").at("semaphores")[0].at("value"),
            find(listed, "request__end").at("sites").size());
  EXPECT_EQ(puppet.tell("semaphores"), raised);
}

TEST_F(Probes, TextNamesTheProcessFirst) {
  Puppet puppet;
  const std::string pid = std::to_string(puppet.pid());
  const Answer answer = run_to_end({"probes", "--pid", pid});
  EXPECT_EQ(answer.code, 0);
  EXPECT_TRUE(answer.out.starts_with("pid " + pid + " (probe_puppet): ")) << answer.out;
  EXPECT_EQ(puppet.tell("semaphores"), "0");
}

TEST_F(Probes, SaysClearlyWhatIsWrong) {
  for (const auto& [arguments, words] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"probes"}, "give --pid"},
           {{"probes", "--pid", "x"}, "--pid"},
           {{"probes", "--pid", "1073741824"}, "no process with pid 1073741824"},
           {{"probes", "--pid", std::to_string(::getpid())}, "has no probes of the provider"},
           {{"--exe", "/bin/true", "probes"}, "give --pid"}}) {
    const Answer answer = run_to_end(arguments);
    EXPECT_NE(answer.code, 0) << words;
    EXPECT_EQ(answer.out, "") << words;
    EXPECT_NE(answer.err.find(words), std::string::npos) << answer.err;
  }
}

}  // namespace
}  // namespace e2e
