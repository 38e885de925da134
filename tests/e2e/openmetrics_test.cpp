// OpenMetrics 1.0 and gzip, as others read them.
#include <chrono>
#include <ctime>
#include <fstream>
#include <map>
#include <sstream>
#include <string_view>
#include <utility>

#include "exporter.h"
#include "places.h"
#include "support/http_load.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

using OpenMetrics = EndToEnd;

constexpr const char* kAccept = "application/openmetrics-text; version=1.0.0";

// What another implementation's strict parser makes of a text: a line for each sample, or why not.
constexpr const char* kParser =
    "import sys\n"
    "from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse\n"
    "for family in parse(sys.stdin.read()):\n"
    "  print(family.name, family.type, family.unit or '-', len(family.samples))\n";

struct ParsedFamily {
  std::string type;
  std::string unit;
  int samples = 0;
};

std::map<std::string, ParsedFamily> parse_elsewhere(const std::string& text) {
  test::ChildProcess python("/usr/bin/python3", {"-c", kParser}, test::Stderr::kCaptured);
  std::size_t done = 0;  // line by line: write_line adds the end
  for (std::size_t end = 0; (end = text.find('\n', done)) != std::string::npos; done = end + 1) {
    python.write_line(text.substr(done, end - done));
  }
  python.close_stdin();
  std::map<std::string, ParsedFamily> families;
  while (const auto line = python.read_line(test::soon())) {
    std::istringstream words(*line);
    std::string name;
    ParsedFamily family;
    words >> name >> family.type >> family.unit >> family.samples;
    families[name] = family;
  }
  EXPECT_EQ(python.wait(test::soon()), (test::ExitStatus{.signalled = false, .code = 0}))
      << python.stderr_text();
  return families;
}

// A collection, and a request that lay in one, stand behind the buckets into which they fall.
TEST_F(OpenMetrics, BucketsNameTheEventsOfTheTimeline) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  const auto has_exemplar = [](const std::string& text, const std::string& family) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(family + "_bucket") && line.find("# {event=\"") != std::string::npos) {
        return true;
      }
    }
    return false;
  };
  std::string text;
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    test::run_load(minivalk.port(), 2, {"/alloc?kb=512"}, 50);
    text = exporter.get("/metrics", {{"accept", kAccept}}).body;
    return has_exemplar(text, "valk_gc_pause_duration_seconds") &&
           has_exemplar(text, "http_request_duration_seconds");
  }));
  EXPECT_FALSE(parse_elsewhere(text).empty());
  const std::size_t at = text.find("# {event=\"") + 10;
  const std::string event = text.substr(at + 1, text.find('"', at + 1) - at - 1);
  const std::string events = exporter.get("/debug/gc-events?since=0").body;
  EXPECT_NE(events.find("\"seq\":" + event.substr(event.find('-') + 1) + ","), std::string::npos)
      << event;
}

TEST_F(OpenMetrics, IsWhatAnotherParserTakes) {
  test::Minivalk minivalk({"--servers", "2"});
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::run_load(minivalk.port(), 2, {"/", "/status/500", "/client?name=redis-cache&ops=4"}, 30);
  minivalk.command("gc");
  const test::HttpResponse response = exporter.get("/metrics", {{"accept", kAccept}});
  EXPECT_EQ(response.headers.at("content-type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(response.body.ends_with("# EOF\n"));
  const auto families = parse_elsewhere(response.body);
  EXPECT_GT(families.size(), 80u);
  EXPECT_EQ(families.at("valk_gc_cycles").type, "counter");
  EXPECT_EQ(families.at("valk_gc_pause_seconds").unit, "seconds");
  EXPECT_EQ(families.at("valk_aio_connections_failed").type, "unknown");
  EXPECT_EQ(families.at("http_request_duration_seconds").type, "histogram");
  EXPECT_EQ(families.at("valkyria_process").type, "info");
  EXPECT_NE(response.body.find("\nvalk_gc_cycles_created "), std::string::npos);
}

// By its first sample of that name.
double value_of(const std::string& text, const std::string& name) {
  const std::size_t place = text.find("\n" + name);
  if (place == std::string::npos) return -1;
  return std::stod(text.substr(text.find(' ', place + 1)));
}

TEST_F(OpenMetrics, TellsSinceWhenCountersCount) {
  test::Minivalk minivalk;
  const double before = static_cast<double>(::time(nullptr)) - 1;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::get(minivalk.port(), "/");
  minivalk.truth();
  const std::string text = exporter.get("/metrics", {{"accept", kAccept}}).body;
  // The runtime's own counters began with it, the probes' with us.
  const double started = value_of(text, "valkyria_process_start_time_seconds");
  EXPECT_NEAR(value_of(text, "valk_gc_cycles_created"), started, 1e-6);
  EXPECT_GE(value_of(text, "http_request_duration_seconds_created"), before);
}

// A /proc/stat for an exporter alone: what its line "btime" says moves when somebody sets the
// clock.
class OwnProcStat {
 public:
  OwnProcStat() { step_clock(std::chrono::seconds(0)); }

  // From what it is to now.
  void step_clock(std::chrono::seconds step) const {
    std::ifstream machine("/proc/stat");
    std::ofstream ours(path());
    for (std::string line; std::getline(machine, line);) {
      constexpr std::string_view kKey = "btime ";
      if (line.starts_with(kKey)) {
        line =
            std::string(kKey) + std::to_string(std::stoll(line.substr(kKey.size())) + step.count());
      }
      ours << line << '\n';
    }
  }

  Exporter exporter(const std::vector<std::string>& selection) const {
    std::vector<std::string> arguments{"--mount", "/bin/sh",
                                       "-c",      "mount --bind \"$0\" /proc/stat && exec \"$@\"",
                                       path(),    exporter_path()};
    arguments.insert(arguments.end(), selection.begin(), selection.end());
    return Exporter(arguments, "/usr/bin/unshare");
  }

 private:
  std::string path() const { return (directory_.path() / "stat").string(); }

  TemporaryDirectory directory_;
};

// All that tells since when, in a text of several processes: a line each.
std::vector<std::string> starts_in(const Exporter& exporter, const std::string& label) {
  std::vector<std::string> starts;
  std::istringstream text(exporter.get("/metrics", {{"accept", kAccept}}).body);
  for (std::string line; std::getline(text, line);) {
    const std::string name = line.substr(0, line.find_first_of("{ "));
    const bool of_exporter = line.find("process=\"") == std::string::npos;
    if (!name.ends_with("_created") && !name.ends_with("process_start_time_seconds")) continue;
    if (of_exporter || line.find(label) != std::string::npos) starts.push_back(line);
  }
  return starts;
}

TEST_F(OpenMetrics, NoStartMovesWhenTheClockIsSet) {
  const OwnProcStat stat;
  test::Minivalk first;
  const Exporter exporter = stat.exporter({"--name", "minivalk"});
  const std::string name = name_of(exporter, first.pid());
  test::get(first.port(), "/");
  first.truth();
  const std::string label = "process=\"" + name + '"';
  // Families of probes come a moment after those of memory.
  std::vector<std::string> before;
  ASSERT_TRUE(test::wait_until(test::soon(), [&] {
    const std::vector<std::string> last = std::exchange(before, starts_in(exporter, label));
    return before.size() > 20 && before == last;
  }));
  stat.step_clock(std::chrono::hours(1));
  EXPECT_EQ(starts_in(exporter, label), before);

  // Who comes afterwards is told by the clock as it is now.
  const test::Minivalk second;
  const test::Labels of_second{{"process", name_of(exporter, second.pid())}};
  const auto start = exporter.metrics().sum("valkyria_process_start_time_seconds", of_second);
  EXPECT_NEAR(start, static_cast<double>(::time(nullptr)) + 3600, 600);
}

TEST_F(OpenMetrics, OfHostileNamesIsTakenToo) {
  Puppet puppet;
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  puppet.tell("names a\"b\\c \xff\xfe\"");
  puppet.tell("requests 1 1");
  puppet.tell("client 1 0 0 1000 x\"\\\xc3 \xe2\x82");
  EXPECT_FALSE(parse_elsewhere(exporter.get("/metrics", {{"accept", kAccept}}).body).empty());
}

TEST_F(OpenMetrics, OfWhatApplicationsRegisterIsTakenToo) {
  Puppet puppet(puppet_path("valkyria_2025_12_probed"));
  const Exporter exporter = Exporter::of_pid(puppet.pid());
  puppet.tell("application");
  puppet.tell("hostile");
  const std::string text = exporter.get("/metrics", {{"accept", kAccept}}).body;
  const auto families = parse_elsewhere(text);
  EXPECT_EQ(families.at("shop_orders").type, "counter");
  EXPECT_EQ(families.at("shop_visits").type, "unknown");
  EXPECT_EQ(families.at("shop_balance").type, "gauge");
  EXPECT_EQ(families.at("shop_info").type, "gauge");
  EXPECT_EQ(families.at("shop_wait_seconds").type, "histogram");
  EXPECT_EQ(families.at("shop_wait_seconds").samples, 7);
  EXPECT_EQ(value_of(text, "shop_balance"), -42);
}

TEST_F(OpenMetrics, AndTextAreCompressedForWhoAsks) {
  test::Minivalk minivalk;
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  for (const std::string accept : {kAccept, "text/plain"}) {
    const auto plain = exporter.get("/metrics", {{"accept", accept}});
    const auto small = exporter.get("/metrics", {{"accept", accept}, {"accept-encoding", "gzip"}});
    EXPECT_EQ(small.headers.at("content-encoding"), "gzip");
    EXPECT_FALSE(plain.headers.contains("content-encoding"));
    EXPECT_LT(small.body.size() * 4, plain.body.size());
    EXPECT_EQ(small.headers.at("content-type"), plain.headers.at("content-type"));
    EXPECT_NE(small.headers.at("vary").find("Accept"), std::string::npos);
  }
}

}  // namespace
}  // namespace e2e
