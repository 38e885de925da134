// The capabilities that the README names are enough for every mode, without being root.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "exporter.h"
#include "probe/attach_method.h"
#include "support/minivalk.h"
#include "thread_status.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;

// Neither root nor the one who runs minivalk.
class LeastCapabilities : public EndToEnd {
 protected:
  void SetUp() override {
    EndToEnd::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    std::string name = (fs::temp_directory_path() / "valkyria-least-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    fs::permissions(directory_, fs::perms(0755));
    exporter_ = directory_ / "valkyria_exporter";
    watched_ = directory_ / "leastvalk";
    fs::copy_file(exporter_path(), exporter_);
    fs::copy_file(test::built_programs_dir() + "/minivalk", watched_);
  }
  void TearDown() override {
    if (!directory_.empty()) fs::remove_all(directory_);
  }

  // What setpriv is to run.
  std::vector<std::string> words(const std::vector<std::string>& arguments) const {
    std::string sets = "-all,+bpf,+perfmon,+sys_ptrace";
    if (probe::best_attach_method() == probe::AttachMethod::kPerfEvent) sets += ",+sys_admin";
    std::vector<std::string> all{
        "--reuid=65534",      "--regid=65534",          "--clear-groups",  "--bounding-set=" + sets,
        "--inh-caps=" + sets, "--ambient-caps=" + sets, exporter_.string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
  }

  // Serves of minivalk, from probes and from memory.
  void expect_all_of(const std::vector<std::string>& selection, bool is_one = false) {
    const Exporter exporter(words(selection), kSetpriv);
    test::Labels labels;
    if (!is_one) {
      labels["process"] = name_of(exporter, minivalk_.pid());
      ASSERT_NE(labels["process"], "") << exporter.log();
    }
    EXPECT_TRUE(comes_to(exporter, "valkyria_up", labels, 1));
    test::Labels state = labels;
    state["collector"] = "state";
    EXPECT_TRUE(comes_to(exporter, "valkyria_exporter_collector_success", state, 1));
    EXPECT_TRUE(comes_to(exporter, "valkyria_exporter_probe_attached", {{"probe", "gc__end"}}, 1));
  }

  Answer look(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{arguments};
    all.insert(all.end(), {"--pid", std::to_string(minivalk_.pid()), "--cache-dir", ""});
    return run_to_end(words(all), kSetpriv);
  }

  static constexpr const char* kSetpriv = "/usr/bin/setpriv";
  fs::path directory_;
  fs::path exporter_;
  fs::path watched_;  // another minivalk, not started
  test::Minivalk minivalk_;
};

TEST_F(LeastCapabilities, AreEnoughToServeOneProcess) {
  expect_all_of({"--pid", std::to_string(minivalk_.pid())}, true);
}

TEST_F(LeastCapabilities, AreEnoughToServeByName) {
  expect_all_of({"--name", "minivalk"});
}

TEST_F(LeastCapabilities, AreEnoughToServeEverybody) {
  expect_all_of({});
}

TEST_F(LeastCapabilities, AreEnoughToServeWhoRunsAFile) {
  const test::Minivalk watched(watched_.string(), {"--servers", "1", "--base-port", "0"});
  const Exporter exporter(words({"--exe", watched_.string()}), kSetpriv);
  EXPECT_NE(name_of(exporter, watched.pid()), "") << exporter.log();
}

TEST_F(LeastCapabilities, AreEnoughForTheDoctorWhoSaysWhatIsAbsent) {
  const Answer answer = look({"doctor", "--format", "json"});
  EXPECT_EQ(answer.code, 0) << answer.out << answer.err;
  const auto report = nlohmann::json::parse(answer.out);
  bool is_said = false;
  for (const auto& check : report.at("checks")) {
    if (check.at("name") != "unseen") continue;
    is_said =
        check.at("detail").get<std::string>().find("CAP_DAC_READ_SEARCH") != std::string::npos;
  }
  EXPECT_TRUE(is_said) << answer.out;
}

TEST_F(LeastCapabilities, AreEnoughToListProbes) {
  const Answer answer = look({"probes"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_NE(answer.out.find("gc__end"), std::string::npos);
}

TEST_F(LeastCapabilities, AreEnoughToDump) {
  const Answer answer = look({"dump", "--seconds", "1"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_NE(answer.out.find("\nvalkyria_exporter_probe_attached{probe=\"gc__end\"} 1\n"),
            std::string::npos);
  const Answer memory = look({"dump"});
  EXPECT_NE(memory.out.find("valkyria_exporter_collector_success{collector=\"state\"} 1"),
            std::string::npos)
      << memory.err;
}

TEST_F(LeastCapabilities, AreEnoughToProfileWithNames) {
  const fs::path script = directory_ / "script.lisp";
  std::ofstream(script) << "(define (spin n) (if (< n 1) 0 (spin (- n 1))))\n"
                           "(define (main n) (if (< n 1) 0 (begin (spin 6000) (main (- n 1)))))\n"
                           "(main 1000000000)\n";
  const test::Minivalk busy({"--script", script.string()});
  const Answer answer =
      run_to_end(words({"profile", "--pid", std::to_string(busy.pid()), "--seconds", "1",
                        "--format", "folded", "--cache-dir", "", "-o", "-"}),
                 kSetpriv);
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_NE(answer.out.find(";evaluate_outermost;"), std::string::npos) << answer.out;
}

TEST_F(LeastCapabilities, AreEnoughForTheTerminal) {
  const Answer answer = look({"top", "--once"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_NE(answer.out, "");
}

TEST_F(LeastCapabilities, TheLogSaysOnceWhatIsAbsent) {
  const Exporter exporter(words({"--pid", std::to_string(minivalk_.pid())}), kSetpriv);
  const std::string log = exporter.log();
  const std::size_t said = log.find("without CAP_DAC_READ_SEARCH");
  ASSERT_NE(said, std::string::npos) << log;
  EXPECT_EQ(log.find("without CAP_DAC_READ_SEARCH", said + 1), std::string::npos);
}

TEST_F(LeastCapabilities, WhoseExecutableIsUnreadableIsNamedInTheLog) {
  fs::permissions(watched_, fs::perms(0700));
  const test::Minivalk hidden(watched_.string(), {"--servers", "1", "--base-port", "0"});
  const Exporter exporter(words({"--name", "leastvalk"}), kSetpriv);
  EXPECT_TRUE(test::wait_until(test::soon(), [&] {
    return exporter.log().find("pid " + std::to_string(hidden.pid()) +
                               " (leastvalk) is not looked at") != std::string::npos;
  })) << exporter.log();
}

}  // namespace
}  // namespace e2e
