// What the program answers to words that it can't use, and what it does with what it was started
// with. None of it needs rights.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/child_process.h"

namespace {

using testing::HasSubstr;
using testing::Not;

const std::string kExporter = VALKYRIA_BIN_DIR "/valkyria_exporter";

struct Answer {
  int code = -1;
  std::string out;
  std::string err;
};

Answer run(const std::vector<std::string>& arguments, const std::string& program = kExporter) {
  test::ChildProcess process(program, arguments, test::Stderr::kCaptured);
  Answer answer;
  while (const auto line = process.read_line(test::soon())) answer.out += *line + '\n';
  const auto status = process.wait(test::soon());
  if (status && !status->signalled) answer.code = status->code;
  answer.err = process.stderr_text();
  return answer;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void expect_usage_error(const std::vector<std::string>& arguments, const std::string& words) {
  const Answer answer = run(arguments);
  EXPECT_EQ(answer.code, 2) << words;
  EXPECT_EQ(answer.out, "");
  EXPECT_TRUE(answer.err.starts_with("valkyria_exporter: ")) << answer.err;
  EXPECT_THAT(answer.err, HasSubstr(words));
  EXPECT_EQ(lines_of(answer.err).size(), 1u) << answer.err;
}

TEST(CommandLine, SuggestsWhatWasMistyped) {
  expect_usage_error({"--web.listen-adress", "127.0.0.1:0"},
                     "--web.listen-adress: no such option; did you mean --web.listen-address?");
  expect_usage_error({"--web.listen-adress=127.0.0.1:0"}, "did you mean --web.listen-address?");
  expect_usage_error({"serve", "--log.levl", "debug"}, "did you mean --log.level?");
  expect_usage_error({"dump", "--secnds", "3"},
                     "--secnds: no such option; did you mean --seconds?");
  expect_usage_error({"doctr"}, "doctr: no such command; did you mean doctor?");
  expect_usage_error({"4711"}, "4711: not expected here; did you mean --pid 4711?");
  expect_usage_error({"doctor", "4711"}, "did you mean --pid 4711?");
  expect_usage_error({"--frobnicate"},
                     "--frobnicate: no such option (see valkyria_exporter --help)");
  expect_usage_error({"probes", "--frobnicate"}, "(see valkyria_exporter probes --help)");
}

TEST(CommandLine, SaysThatAnOptionStandsThereTwice) {
  expect_usage_error({"--cache-dir", "/a", "--cache-dir", "/b"},
                     "--cache-dir: given more than once");
}

TEST(CommandLine, DoesNotSuggestWhatIsHidden) {
  EXPECT_THAT(run({"resolve-confine"}).err, Not(HasSubstr("confined")));
}

TEST(CommandLine, ExitsWith2WhereItCanNotBeUnderstood) {
  expect_usage_error({"--pid", "many"}, "--pid: \"many\" is no pid: give a number above 0");
  expect_usage_error({"--pid", "-1"}, "--pid");
  expect_usage_error({"--pid"}, "--pid");
  expect_usage_error({"--pid", "1", "--exe", "/bin/true"}, "--exe");
  expect_usage_error({"--probes", "gc,htpp"}, "probe group \"htpp\"");
  expect_usage_error({"--overhead.max", "much"}, "--overhead.max \"much\"");
  expect_usage_error({"--log.level", "loud"}, "--log.level: loud not in {debug,info,warn,error}");
  expect_usage_error({"--log.level", "warning"}, "warn");
  expect_usage_error({"--log.format", "xml"}, "--log.format: xml not in {text,json}");
  expect_usage_error({"--web.listen-address", "here"}, "here");
  expect_usage_error({"--web.telemetry-path", "metrics"}, "must begin with /");
  expect_usage_error({"--capture.when", "gc_pause > 50"}, "gc_pause > 50");
  expect_usage_error({"probes"}, "give --pid N");
  expect_usage_error({"dump", "--pid", "1", "--seconds", "0"}, "--seconds");
  expect_usage_error({"resolve"}, "--exe");
}

// An unset variable in a unit file must not mean something else, such as everybody.
TEST(CommandLine, AnEmptyValueIsAnError) {
  for (const char* option : {"--exe", "--name", "--layout", "--debug-dir", "--capture.dir",
                             "--web.telemetry-path", "--web.listen-address"}) {
    expect_usage_error({option, ""}, option[2] == 'w' ? "" : option);
  }
  expect_usage_error({"resolve", "--exe", ""}, "--exe");
  expect_usage_error({"profile", "--pid", "1", "-o", ""}, "--output");
}

TEST(CommandLine, ExitsWith1WhereItFails) {
  const Answer answer = run({"resolve", "--exe", "/nonexistent/valk"});
  EXPECT_EQ(answer.code, 1);
  EXPECT_THAT(answer.err, HasSubstr("open /nonexistent/valk: No such file or directory"));
  EXPECT_EQ(run({"--exe", "/nonexistent/valk", "--web.listen-address", "127.0.0.1:0"}).code, 1);
}

TEST(CommandLine, VersionSaysWhatAReportNeeds) {
  const Answer answer = run({"--version"});
  EXPECT_EQ(answer.code, 0);
  EXPECT_THAT(answer.out, testing::StartsWith("valkyria_exporter "));
  for (const char* word : {"revision", "compiler", "libbpf", "libdw", "OpenSSL"}) {
    EXPECT_THAT(answer.out, HasSubstr(word));
  }
}

TEST(CommandLine, HelpOfServeHasItsOptions) {
  for (const std::vector<std::string>& asked :
       {std::vector<std::string>{"serve", "--help"}, {"--help"}}) {
    const Answer answer = run(asked);
    EXPECT_EQ(answer.code, 0);
    EXPECT_THAT(answer.out, HasSubstr("--web.listen-address"));
    EXPECT_THAT(answer.out, HasSubstr("doctor"));
  }
  EXPECT_THAT(run({"dump", "--help"}).out, HasSubstr("--seconds"));
}

TEST(CommandLine, ForgesNoLineOfTheLog) {
  const std::string hostile = "/nonexistent/a\n2026-11-27T00:00:00.000Z info FORGED \xFF\x1b[2J";
  const Answer text = run({"resolve", "--exe", hostile});
  EXPECT_EQ(text.code, 1);
  EXPECT_EQ(lines_of(text.err).size(), 1u) << text.err;
  EXPECT_THAT(text.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text.err, HasSubstr("\\xff"));
}

TEST(CommandLine, LastWordIsOfTheLogsFormat) {
  const std::string hostile = "/nonexistent/a\n\xFF\"";
  const Answer answer = run({"--exe", hostile, "--log.format", "json", "--log.level", "debug"});
  EXPECT_EQ(answer.code, 1);
  const auto lines = lines_of(answer.err);
  ASSERT_FALSE(lines.empty());
  for (const std::string& line : lines) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << line;
    EXPECT_TRUE(json.at("time").get<std::string>().ends_with("Z")) << line;
  }
  EXPECT_EQ(nlohmann::json::parse(lines.back()).at("level"), "critical");
}

std::string bytes_of(const std::filesystem::path& path) {
  std::stringstream bytes;
  bytes << std::ifstream(path).rdbuf();
  return bytes.str();
}

// Else the file that is opened first becomes stderr, and has what is said there in it.
TEST(CommandLine, ClosedDescriptorsDoNoHarm) {
  std::string directory = testing::TempDir() + "closed.XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string minivalk = VALKYRIA_BIN_DIR "/minivalk";
  const std::string good = directory + "/good";
  EXPECT_EQ(run({"resolve", "--exe", minivalk, "-o", good}).code, 0);
  for (const char* closed : {"<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"}) {
    const std::string layout = directory + "/layout";
    const std::string script = "exec \"$0\" resolve --exe \"$1\" -o \"$2\" " + std::string(closed);
    EXPECT_EQ(run({"-c", script, kExporter, minivalk, layout}, "/bin/sh").code, 0) << closed;
    EXPECT_EQ(bytes_of(layout), bytes_of(good)) << closed;
    std::filesystem::remove(layout);
  }
  // An answer that gets lost is no answer.
  EXPECT_EQ(
      run({"-c", "exec \"$0\" resolve --exe \"$1\" >&-", kExporter, minivalk}, "/bin/sh").code, 1);
  std::filesystem::remove_all(directory);
}

}  // namespace
