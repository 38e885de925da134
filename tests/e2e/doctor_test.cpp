// valkyria_exporter doctor, healthy and with every failure that this machine can be brought to.
#include <errno.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "exporter.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using Doctor = EndToEnd;
using Json = nlohmann::json;

struct Diagnosis {
  int code;
  Json report;

  // Null where there is no such check.
  Json check(const std::string& name) const {
    for (const Json& each : report.at("checks")) {
      if (each.at("name") == name) return each;
    }
    return nullptr;
  }
  std::string status(const std::string& name) const {
    const Json found = check(name);
    return found.is_null() ? "no such check" : found.at("status").get<std::string>();
  }
};

// `before` runs the doctor, such as {"/usr/bin/setpriv", "--reuid=65534"}.
Diagnosis diagnose(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& before = {}) {
  std::vector<std::string> words = before;
  words.insert(words.end(), {exporter_path(), "doctor", "--format", "json"});
  words.insert(words.end(), arguments.begin(), arguments.end());
  const Answer answer = run_to_end({words.begin() + 1, words.end()}, words.front());
  EXPECT_EQ(answer.err, "");
  Diagnosis diagnosis{answer.code, Json::parse(answer.out)};
  EXPECT_EQ(diagnosis.code, diagnosis.report.at("ok") ? 0 : 1);
  for (const Json& check : diagnosis.report.at("checks")) {
    if (check.at("status") == "fail") {
      EXPECT_NE(check.at("fix"), "") << check;
    }
  }
  return diagnosis;
}

Diagnosis diagnose_pid(pid_t pid, const std::vector<std::string>& before = {}) {
  return diagnose({"--pid", std::to_string(pid)}, before);
}

TEST_F(Doctor, FindsNothingWrongWithThisMachine) {
  const Diagnosis diagnosis = diagnose({});
  EXPECT_EQ(diagnosis.code, 0) << diagnosis.report.dump(1);
  for (const char* name : {"privileges", "kernel", "bpf", "uprobes"}) {
    EXPECT_EQ(diagnosis.status(name), "ok") << name;
  }
  EXPECT_EQ(diagnosis.status("process"), "no such check");
}

TEST_F(Doctor, FindsNothingWrongWithARuntimeAndLeavesNothingAttached) {
  Puppet puppet;
  const Diagnosis diagnosis = diagnose_pid(puppet.pid());
  EXPECT_EQ(diagnosis.code, 0) << diagnosis.report.dump(1);
  for (const char* name : {"process", "provider", "sites", "attach", "semaphores", "detach",
                           "other_watchers", "seccomp"}) {
    EXPECT_EQ(diagnosis.status(name), "ok") << name;
  }
  EXPECT_EQ(puppet.tell("semaphores"), "0");
}

TEST_F(Doctor, DoesNotDisturbMinivalk) {
  test::Minivalk minivalk;
  const Diagnosis diagnosis = diagnose_pid(minivalk.pid());
  EXPECT_EQ(diagnosis.code, 0) << diagnosis.report.dump(1);
  EXPECT_EQ(minivalk.command("eval (fib 15)"), "610");
}

// What a hit costs is measured each time.
std::string without_price(const std::string& text) {
  return std::regex_replace(text, std::regex("a hit costs [0-9.]+ us"), "a hit costs that much");
}

TEST_F(Doctor, TextIsOneLineACheck) {
  Puppet puppet;
  const Answer answer = run_to_end({"doctor", "--pid", std::to_string(puppet.pid())});
  EXPECT_EQ(answer.code, 0) << answer.out;
  EXPECT_TRUE(answer.out.starts_with("ok    privileges ")) << answer.out;
  EXPECT_TRUE(answer.out.ends_with("\nnothing failed\n")) << answer.out;
  const Answer other_order = run_to_end({"--pid", std::to_string(puppet.pid()), "doctor"});
  EXPECT_THAT(answer.out, testing::HasSubstr("a hit costs "));
  EXPECT_EQ(without_price(other_order.out), without_price(answer.out));
}

TEST_F(Doctor, NamesAMissingCapabilityAndAttachesNothing) {
  Puppet puppet;
  const Diagnosis diagnosis =
      diagnose_pid(puppet.pid(), {"/usr/bin/setpriv", "--bounding-set=-perfmon"});
  EXPECT_EQ(diagnosis.code, 1);
  EXPECT_EQ(diagnosis.check("privileges").at("detail"), "missing CAP_PERFMON");
  EXPECT_EQ(diagnosis.status("sites"), "ok");
  EXPECT_EQ(diagnosis.status("attach"), "note");
  EXPECT_EQ(puppet.tell("semaphores"), "0");
}

TEST_F(Doctor, WithoutAnyPrivilegeNamesWhatIsMissingAndWhatCannotBeSeen) {
  // In a place where that user may run it.
  namespace fs = std::filesystem;
  const fs::path copy =
      fs::temp_directory_path() / ("valkyria-doctor-" + std::to_string(::getpid()));
  fs::copy_file(exporter_path(), copy, fs::copy_options::overwrite_existing);
  Puppet puppet;
  const Answer answer =
      run_to_end({"--reuid=65534", "--regid=65534", "--clear-groups", copy.string(), "doctor",
                  "--format", "json", "--pid", std::to_string(puppet.pid())},
                 "/usr/bin/setpriv");
  fs::remove(copy);
  EXPECT_EQ(answer.code, 1);
  const Diagnosis diagnosis{answer.code, Json::parse(answer.out)};
  for (const char* name : {"privileges", "bpf", "process"}) {
    EXPECT_EQ(diagnosis.status(name), "fail") << name;
  }
}

TEST_F(Doctor, SaysThatBpfIsHiddenAndHowToGetIt) {
  Puppet puppet;
  const Diagnosis diagnosis =
      diagnose_pid(puppet.pid(), {puppet_path("without_call"), "bpf", std::to_string(ENOSYS)});
  EXPECT_EQ(diagnosis.code, 1);
  EXPECT_EQ(diagnosis.status("bpf"), "fail");
  EXPECT_NE(diagnosis.check("bpf").at("fix").get<std::string>().find("CONFIG_BPF_SYSCALL"),
            std::string::npos);
  EXPECT_EQ(diagnosis.status("attach"), "note");
}

TEST_F(Doctor, NoBtfIsOnlyANote) {
  const Answer answer =
      run_to_end({"--mount", "/bin/sh", "-c",
                  "mount -t tmpfs none /sys/kernel/btf && exec '" + exporter_path() + "' doctor"},
                 "/usr/bin/unshare");
  EXPECT_EQ(answer.code, 0) << answer.out;
  EXPECT_NE(answer.out.find("note  btf "), std::string::npos) << answer.out;
}

TEST_F(Doctor, SaysThatThereAreNoUprobes) {
  const Answer answer = run_to_end(
      {"--mount", "/bin/sh", "-c",
       "mount -t tmpfs none /sys/bus/event_source && exec '" + exporter_path() + "' doctor"},
      "/usr/bin/unshare");
  EXPECT_EQ(answer.code, 1) << answer.out;
  EXPECT_NE(answer.out.find("FAIL  uprobes "), std::string::npos) << answer.out;
  EXPECT_NE(answer.out.find("CONFIG_UPROBE_EVENTS"), std::string::npos) << answer.out;
}

TEST_F(Doctor, SaysThatThereIsNoSuchProcess) {
  const Diagnosis diagnosis = diagnose_pid(1 << 30);
  EXPECT_EQ(diagnosis.code, 1);
  EXPECT_EQ(diagnosis.status("process"), "fail");
  EXPECT_EQ(diagnosis.status("provider"), "no such check");
}

TEST_F(Doctor, SaysThatTheNotesWereStripped) {
  namespace fs = std::filesystem;
  const fs::path copy =
      fs::temp_directory_path() / ("valkyria-stripped-" + std::to_string(::getpid()));
  const Answer objcopy =
      run_to_end({"--remove-section", ".note.stapsdt", puppet_path("probe_puppet"), copy.string()},
                 "/usr/bin/objcopy");
  ASSERT_EQ(objcopy.code, 0) << objcopy.err;
  Puppet puppet(copy.string());
  fs::remove(copy);
  const Diagnosis diagnosis = diagnose_pid(puppet.pid());
  EXPECT_EQ(diagnosis.code, 1);
  EXPECT_EQ(diagnosis.status("process"), "ok");
  EXPECT_EQ(diagnosis.status("provider"), "fail");
  EXPECT_NE(diagnosis.check("provider").at("fix").get<std::string>().find(".note.stapsdt"),
            std::string::npos);
}

TEST_F(Doctor, FindsAnExecutableWhoseFileWasDeleted) {
  namespace fs = std::filesystem;
  const fs::path copy =
      fs::temp_directory_path() / ("valkyria-deleted-" + std::to_string(::getpid()));
  fs::copy_file(puppet_path("probe_puppet"), copy, fs::copy_options::overwrite_existing);
  Puppet puppet(copy.string());
  fs::remove(copy);
  const Diagnosis diagnosis = diagnose_pid(puppet.pid());
  EXPECT_EQ(diagnosis.code, 0) << diagnosis.report.dump(1);
  EXPECT_EQ(puppet.tell("semaphores"), "0");
}

TEST_F(Doctor, NamesEachSiteThatBreaksTheContract) {
  Puppet puppet(puppet_path("bad_probes"));
  const Diagnosis diagnosis = diagnose_pid(puppet.pid());
  EXPECT_EQ(diagnosis.code, 1);
  for (const auto& [name, words] :
       {std::pair{"site gc__begin", "8@16(%rsp)"}, std::pair{"site gc__end", "5-byte nop"},
        std::pair{"site gc__request", "8@sym(%rip)"}}) {
    ASSERT_EQ(diagnosis.status(name), "fail");
    EXPECT_NE(diagnosis.check(name).at("detail").get<std::string>().find(words), std::string::npos)
        << diagnosis.check(name);
  }
  // The one that keeps it is attached all the same.
  EXPECT_EQ(diagnosis.status("attach"), "ok");
  EXPECT_EQ(diagnosis.status("semaphores"), "ok");
}

TEST_F(Doctor, NotesThatTheProcessIsUnderSeccomp) {
  Puppet puppet(puppet_path("without_call"),
                {"bpf", std::to_string(EPERM), puppet_path("probe_puppet")});
  const Diagnosis diagnosis = diagnose_pid(puppet.pid());
  EXPECT_EQ(diagnosis.code, 0) << diagnosis.report.dump(1);
  EXPECT_EQ(diagnosis.status("seccomp"), "note");
  EXPECT_EQ(diagnosis.status("semaphores"), "ok");
  EXPECT_EQ(puppet.tell("semaphores"), "0");
}

TEST_F(Doctor, NotesAnotherExporterAndDoesNotDisturbIt) {
  Puppet puppet;
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  const std::string raised = puppet.tell("semaphores");
  const Diagnosis diagnosis = diagnose_pid(puppet.pid());
  EXPECT_EQ(diagnosis.code, 0) << diagnosis.report.dump(1);
  EXPECT_EQ(diagnosis.status("other_watchers"), "note");
  EXPECT_EQ(diagnosis.status("semaphores"), "ok");
  EXPECT_EQ(diagnosis.status("detach"), "ok");
  EXPECT_EQ(puppet.tell("semaphores"), raised);
  puppet.tell("requests 1 5");
  EXPECT_EQ(exporter.metrics().sum("http_requests_total"), 5);
}

TEST_F(Doctor, AnExporterOfAnotherProcessOfTheSameBinaryIsNoneOfThisOne) {
  Puppet watched;
  Puppet puppet;
  const Exporter exporter = Exporter::of_pid(watched.pid());
  const Diagnosis diagnosis = diagnose_pid(puppet.pid());
  EXPECT_EQ(diagnosis.code, 0) << diagnosis.report.dump(1);
  EXPECT_EQ(diagnosis.status("other_watchers"), "ok");
  EXPECT_EQ(puppet.tell("semaphores"), "0");
}

TEST_F(Doctor, SaysThatTheProcessWasStoppedAndLooksAtItAllTheSame) {
  Puppet puppet;
  puppet.process.signal(SIGSTOP);
  ASSERT_TRUE(test::wait_until(
      test::soon(), [&] { return diagnose_pid(puppet.pid()).status("process_state") == "note"; }));
  const Diagnosis diagnosis = diagnose_pid(puppet.pid());
  EXPECT_EQ(diagnosis.code, 0) << diagnosis.report.dump(1);
  EXPECT_NE(diagnosis.check("process_state").at("fix").get<std::string>().find("kill -CONT"),
            std::string::npos);
  EXPECT_EQ(diagnosis.status("semaphores"), "ok");
  puppet.process.signal(SIGCONT);
  EXPECT_EQ(puppet.tell("semaphores"), "0");
  EXPECT_EQ(diagnose_pid(puppet.pid()).status("process_state"), "ok");
}

TEST_F(Doctor, SaysThatTheProcessRunsACopyOfItsCode) {
  const std::string minivalk = test::built_programs_dir() + "/minivalk";
  test::Minivalk moved("/usr/bin/env", {"MOVE_CODE_AT_START=1",
                                        "LD_PRELOAD=" + puppet_path("strange_ways.so"), minivalk});
  const Diagnosis diagnosis = diagnose_pid(moved.pid());
  EXPECT_EQ(diagnosis.status("attach"), "ok") << diagnosis.report.dump(1);
  ASSERT_EQ(diagnosis.status("breakpoints"), "fail") << diagnosis.report.dump(1);
  EXPECT_NE(diagnosis.check("breakpoints").at("detail").get<std::string>().find("request__end"),
            std::string::npos);
  EXPECT_EQ(diagnosis.status("state"), "ok");
  test::Minivalk normal;
  EXPECT_EQ(diagnose_pid(normal.pid()).status("breakpoints"), "ok");
}

TEST_F(Doctor, SaysHowAProgramThatALoaderRunsIsSelected) {
  const std::string minivalk = test::built_programs_dir() + "/minivalk";
  test::Minivalk loaded("/lib64/ld-linux-x86-64.so.2", {minivalk});
  const Diagnosis diagnosis = diagnose_pid(loaded.pid());
  EXPECT_EQ(diagnosis.code, 0) << diagnosis.report.dump(1);
  ASSERT_EQ(diagnosis.status("loader"), "note") << diagnosis.report.dump(1);
  EXPECT_NE(diagnosis.check("loader").at("fix").get<std::string>().find("--exe " + minivalk),
            std::string::npos);
  EXPECT_EQ(diagnosis.status("breakpoints"), "ok");
}

TEST_F(Doctor, NamesADecemberRuntimeThatWasBuiltWithoutMetrics) {
  namespace fs = std::filesystem;
  const fs::path copy =
      fs::temp_directory_path() / ("valkyria-december-" + std::to_string(::getpid()));
  // Such a build has all but this one.
  const Answer objcopy = run_to_end(
      {"--redefine-sym", "g_valk_metrics=nothing", puppet_path("function_puppet"), copy.string()},
      "/usr/bin/objcopy");
  ASSERT_EQ(objcopy.code, 0) << objcopy.err;
  Puppet puppet(copy.string());
  fs::remove(copy);
  const Diagnosis diagnosis = diagnose_pid(puppet.pid());
  EXPECT_EQ(diagnosis.code, 1);
  EXPECT_NE(diagnosis.check("provider").at("detail").get<std::string>().find("VALK_METRICS"),
            std::string::npos)
      << diagnosis.report.dump(1);
}

TEST_F(Doctor, RefusesOptionsThatMakeNoSense) {
  for (const auto& arguments : std::vector<std::vector<std::string>>{{"doctor", "--pid", "0"},
                                                                     {"doctor", "--pid", "many"},
                                                                     {"doctor", "--format", "xml"},
                                                                     {"doctor", "--no-such-option"},
                                                                     {"--exe", "", "doctor"}}) {
    const Answer answer = run_to_end(arguments);
    EXPECT_NE(answer.code, 0) << arguments.back();
    EXPECT_EQ(answer.out, "") << arguments.back();
    EXPECT_NE(answer.err, "") << arguments.back();
  }
}

}  // namespace
}  // namespace e2e
