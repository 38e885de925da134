// valkyria_exporter top: the dashboard in a terminal.
#include <gmock/gmock.h>
#include <signal.h>

#include <cstring>
#include <memory>
#include <sstream>

#include "exporter.h"
#include "support/minivalk.h"
#include "terminal_child.h"

namespace e2e {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

using Top = EndToEnd;

constexpr const char* kLeftScreen = "\x1b[?1049l";

std::string url_of(const Exporter& exporter) {
  return "http://127.0.0.1:" + std::to_string(exporter.port());
}

Answer once(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"top", "--once"});
  return run_to_end(arguments);
}

// The last word of the line that begins with `first`.
std::string last_word(const std::string& page, const std::string& first) {
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(first)) return line.substr(line.rfind(' ') + 1);
  }
  return "no line " + first;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST_F(Top, OnceTellsWhatTheRuntimeCounted) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  for (int i = 0; i < 3; ++i) minivalk.command("gc");
  for (const char* const path : {"/", "/", "/status/500", "/client?name=cache&ops=6"}) {
    test::get(minivalk.port(), path);
  }
  ASSERT_TRUE(comes_to(exporter, "http_requests_total", {}, 4));
  const Answer answer = once({url_of(exporter)});
  const test::Samples truth = minivalk.truth();
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_EQ(answer.err, "");
  EXPECT_EQ(truth.sum("http_requests_total"), 4);
  EXPECT_EQ(last_word(answer.out, "127.0.0.1 "), "4") << answer.out;
  EXPECT_EQ(last_word(answer.out, "cache "), "6") << answer.out;
  EXPECT_THAT(answer.out, HasSubstr("GC        3 cycles  0/s"));
  EXPECT_EQ(count_of(answer.out, " explicit "), 3u) << answer.out;
  EXPECT_THAT(answer.out, HasSubstr("pid " + std::to_string(minivalk.pid()) + "  up "));
  EXPECT_THAT(answer.out, HasSubstr("rates over 1."));
  EXPECT_THAT(answer.out, Not(HasSubstr("\x1b")));
}

TEST_F(Top, AttachesByItselfAndLeavesNothingBehind) {
  Puppet puppet;
  const Answer answer = once({"--pid", std::to_string(puppet.pid()), "--cache-dir", ""});
  EXPECT_EQ(answer.code, 0) << answer.err;
  EXPECT_THAT(answer.out, HasSubstr("attached by itself"));
  EXPECT_THAT(answer.out, HasSubstr("pid " + std::to_string(puppet.pid())));
  EXPECT_EQ(puppet.tell("semaphores"), "0");
}

TEST_F(Top, SaysClearlyWhatIsWrong) {
  test::Minivalk minivalk;
  const std::string other = "http://127.0.0.1:" + std::to_string(minivalk.port());
  EXPECT_THAT(once({other + "/"}).err, HasSubstr("/metrics: the answer has status 404"));
  EXPECT_THAT(once({other + "/fib?n=1"}).err, HasSubstr("/fib?n=1: line 1 is none of a page"));
  EXPECT_THAT(once({"https://127.0.0.1"}).err, HasSubstr("only http:// is spoken here"));
  EXPECT_THAT(once({"--pid", std::to_string(1 << 30)}).err, HasSubstr("no process with pid"));
  EXPECT_NE(once({other, "--pid", "1"}).code, 0);
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  EXPECT_THAT(once({url_of(exporter), "--process", "shop"}).err,
              HasSubstr("process \"shop\": it is not watched"));
}

TEST_F(Top, AtATerminalRefreshesAndGivesItBack) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  TerminalChild top(exporter_path(), {"top", url_of(exporter)});
  const termios before = top.modes();
  ASSERT_TRUE(top.shows("rates over"));
  EXPECT_EQ(top.modes().c_lflag & (ICANON | ECHO), 0u);
  minivalk.command("gc");
  EXPECT_TRUE(top.shows("1 cycles")) << top.last_page();
  EXPECT_TRUE(top.shows(" explicit ")) << top.last_page();
  EXPECT_THAT(top.written(), HasSubstr("\x1b[1m"));  // with colours
  EXPECT_EQ(count_of(top.last_page(), "\r\n"), 23u);
  top.resize(100, 40);
  EXPECT_TRUE(top.shows("rates over"));
  ASSERT_TRUE(top.shows("rates over"));
  EXPECT_EQ(count_of(top.last_page(), "\r\n"), 39u);
  top.type("q");
  EXPECT_EQ(top.wait(), 0);
  EXPECT_THAT(top.written(), EndsWith(kLeftScreen));
  const termios after = top.modes();
  EXPECT_EQ(std::memcmp(&before, &after, sizeof(termios)), 0);
}

class EndOfTop : public EndToEnd, public testing::WithParamInterface<int> {};

TEST_P(EndOfTop, GivesTheTerminalBackAlsoOnASignal) {
  TerminalChild top(exporter_path(), {"top", "http://127.0.0.1:1"});
  ASSERT_TRUE(top.shows("NO ANSWER"));
  ::kill(top.pid(), GetParam());
  EXPECT_EQ(top.wait(), 0);
  EXPECT_THAT(top.written(), EndsWith(kLeftScreen));
  EXPECT_NE(top.modes().c_lflag & (ICANON | ECHO), 0u);
}

INSTANTIATE_TEST_SUITE_P(Signals, EndOfTop, testing::Values(SIGINT, SIGTERM, SIGHUP));

TEST_F(Top, SaysThatTheExporterIsGoneAndFindsItAgain) {
  test::Minivalk minivalk;
  const std::string pid = std::to_string(minivalk.pid());
  auto exporter = std::make_unique<Exporter>(std::vector<std::string>{"--pid", pid});
  const std::string address = "127.0.0.1:" + std::to_string(exporter->port());
  TerminalChild top(exporter_path(), {"top", "http://" + address});
  ASSERT_TRUE(top.shows("rates over"));
  exporter.reset();
  EXPECT_TRUE(top.shows("NO ANSWER")) << top.last_page();
  EXPECT_TRUE(top.shows("numbers are 3 s old; trying again")) << top.last_page();
  const Exporter again({"--pid", pid, "--web.listen-address", address});
  EXPECT_TRUE(top.shows("rates over")) << top.last_page();
  EXPECT_THAT(top.last_page(), Not(HasSubstr("NO ANSWER")));
  top.type("\x03");
  EXPECT_EQ(top.wait(), 0);
}

TEST_F(Top, AttachedByItselfDetachesWithTheKey) {
  Puppet puppet;
  TerminalChild top(exporter_path(),
                    {"top", "--pid", std::to_string(puppet.pid()), "--cache-dir", ""});
  ASSERT_TRUE(top.shows("rates over")) << top.written();
  EXPECT_NE(puppet.tell("semaphores"), "0");
  top.type("q");
  EXPECT_EQ(top.wait(), 0);
  EXPECT_EQ(puppet.tell("semaphores"), "0");
}

TEST_F(Top, ListsSeveralProcessesAndOpensTheChosenOne) {
  Puppet puppet;
  test::Minivalk minivalk;
  const Exporter exporter({"--name", "probe_puppet", "--name", "minivalk"});
  const std::string name = name_of(exporter, minivalk.pid());
  ASSERT_NE(name, "");
  ASSERT_NE(name_of(exporter, puppet.pid()), "");
  EXPECT_THAT(once({url_of(exporter)}).out, HasSubstr("\n" + name));
  EXPECT_THAT(once({url_of(exporter), "--process", name}).out,
              HasSubstr(name + "  pid " + std::to_string(minivalk.pid())));
  TerminalChild top(exporter_path(), {"top", url_of(exporter)});
  ASSERT_TRUE(top.shows("choose a process"));
  top.type("\r");
  EXPECT_TRUE(top.shows("HEAP"));
  top.type("\x7f");
  EXPECT_TRUE(top.shows("GC TIME"));
}

}  // namespace
}  // namespace e2e
