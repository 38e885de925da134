#include <gmock/gmock.h>

#include <algorithm>

#include "terminal/cells.h"
#include "terminal_support.h"

namespace {

using terminal_test::input_of;
using terminal_test::page;
using terminal_test::pause;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kBefore = R"(
valkyria_up 1
valkyria_process_info{pid="4711",exe="/usr/bin/valk",script="",build_id="",layout=""} 1
valkyria_process_start_time_seconds 1770115811
valkyria_process_cpu_seconds_total 10
valk_gc_cycles_total 1200
valk_gc_pause_seconds_total 6
valk_gc_reclaimed_bytes_total 1048576
http_requests_total{server="api.example",port="8080",protocol="http",status="2xx"} 5000
http_requests_total{server="api.example",port="8080",protocol="http",status="5xx"} 10
http_request_duration_seconds_bucket{server="api.example",port="8080",protocol="http",le="0.001"} 5000
http_request_duration_seconds_bucket{server="api.example",port="8080",protocol="http",le="0.01"} 5010
http_request_duration_seconds_bucket{server="api.example",port="8080",protocol="http",le="+Inf"} 5010
http_bytes_sent_total{server="api.example",port="8080",protocol="http"} 100
valk_loop_idle_seconds_total{system="main"} 100
http_client_operations_total{client="cache",type="Cache"} 50
http_client_errors_total{client="cache",type="Cache"} 0
http_client_cache_hits_total{client="cache",type="Cache"} 40
http_client_cache_misses_total{client="cache",type="Cache"} 10
)";

constexpr const char* kNow = R"(
valkyria_up 1
valkyria_process_info{pid="4711",exe="/usr/bin/valk",script="",build_id="",layout=""} 1
valkyria_process_start_time_seconds 1770115811
valkyria_process_cpu_seconds_total 10.34
valkyria_process_resident_memory_bytes 125829120
valk_gc_cycles_total 1203
valk_gc_pause_seconds_total 6.024
valk_gc_pause_seconds_max 0.06
valk_gc_reclaimed_bytes_total 13631488
valk_gc_heap_used_bytes 35651584
valk_gc_heap_live_bytes 20971520
valk_gc_trigger_bytes 50331648
valk_gc_heap_total_bytes 67108864
http_requests_total{server="api.example",port="8080",protocol="http",status="2xx"} 6200
http_requests_total{server="api.example",port="8080",protocol="http",status="5xx"} 13
http_request_duration_seconds_bucket{server="api.example",port="8080",protocol="http",le="0.001"} 6100
http_request_duration_seconds_bucket{server="api.example",port="8080",protocol="http",le="0.01"} 6213
http_request_duration_seconds_bucket{server="api.example",port="8080",protocol="http",le="+Inf"} 6213
http_bytes_sent_total{server="api.example",port="8080",protocol="http"} 51300
valk_loop_idle_seconds_total{system="main"} 100.66
valk_loop_stall_duration_seconds_count{system="main"} 4
valk_aio_connections_active{system="main"} 12
valk_aio_connections_idle{system="main"} 3
http_client_operations_total{client="cache",type="Cache"} 60
http_client_errors_total{client="cache",type="Cache"} 0
http_client_cache_hits_total{client="cache",type="Cache"} 49
http_client_cache_misses_total{client="cache",type="Cache"} 11
)";

terminal::Pause whole_pause() {
  terminal::Pause whole = pause(12.3, 0.5);
  whole.safepoint_ms = 0.25;
  whole.used_before = 50331648;
  whole.used_after = 20971520;
  whole.reason = "threshold";
  whole.requests_hit = 7;
  return whole;
}

TEST(Page, HasEverythingAt80By24) {
  terminal::PageInput input = input_of(kBefore, kNow);
  input.pauses = {pause(0.4, 30), whole_pause()};
  EXPECT_EQ(page(input),
            R"(valkyria top  http://127.0.0.1:18255/metrics             2026-02-03 14:02:11 UTC
valk  pid 4711  up 3 h 12 min  CPU 34.0 %  memory 120 MiB
WARNING   a garbage collection took 12.3 ms
REQUESTS  1,203/s  4xx 0/s  5xx 3.0/s  P50 547 us  P95 4.74 ms  P99 8.95 ms
HEAP      used 34.0 MiB  live 20.0 MiB  trigger 48.0 MiB  total 64.0 MiB
          ██████████████████████████░░░░░░░░░░|░░░░░░░░░░░░░  53.1 % in use
GC        1,203 cycles  3.0/s  2.4 % of the time  12.0 MiB/s freed  max 60.0 ms
PAUSES (UTC)    PAUSE  SAFE PT    BEFORE     AFTER  HIT REASON    0.1 ms to 1 s
14:02:10.500  12.3 ms   250 us  48.0 MiB  20.0 MiB    7 threshold ██████!
14:01:41.000   400 us        –         –         –    – –         ██
SYSTEM            BUSY   STALLS  STALL/S  LONGEST  ACTIVE    IDLE CLOSING   SHED
main            34.0 %        4        –        –      12       3       –      –
SERVER          PORT   REQ/S  4XX/S  5XX/S      P50      P99     OUT/S     TOTAL
api.example     8080   1,203      0    3.0   547 us  8.95 ms  50.0 KiB     6,213
CLIENT         TYPE       OPS/S  ERR/S RETRY/S      P99    HITS  CONNS     TOTAL
cache          Cache       10.0      0       –        –  90.0 %      –        60







q quit   rates over 1.0 s between two samples
)");
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(Page, NeverHasALineTooLong) {
  terminal::PageInput input = input_of(kBefore, kNow);
  input.pauses = {whole_pause()};
  for (const terminal::Size size : {terminal::Size{80, 24}, {40, 12}, {1, 1}, {200, 60}, {10, 0}}) {
    const terminal::Lines lines = write_page(input, size);
    if (size.rows > 0) {
      EXPECT_EQ(lines.size(), size.rows);
    }
    for (const terminal::Line& line : lines) {
      const auto text = write_line(line, size.columns, terminal::Colours::kNone);
      EXPECT_LE(terminal::width(text), size.columns) << text;
    }
  }
}

TEST(Page, KnowsNoRateBeforeTheSecondSample) {
  const std::string text = page(input_of("", kNow));
  EXPECT_THAT(text, HasSubstr("UNKNOWN   waiting for the second sample"));
  EXPECT_THAT(text, HasSubstr("REQUESTS  –/s  4xx –/s  5xx –/s  P50 –  P95 –  P99 –"));
  EXPECT_THAT(text, HasSubstr("1,203 cycles  –/s  – of the time"));
  EXPECT_THAT(text, HasSubstr("no rates before the second sample"));
  EXPECT_THAT(text, HasSubstr("used 34.0 MiB"));
}

TEST(Page, SaysWhatIsUnknownAndNever0) {
  const std::string text = page(input_of("valkyria_up 1\n", "valkyria_up 1\n"));
  EXPECT_THAT(text, HasSubstr("process  pid –  up –  CPU –  memory –"));
  EXPECT_THAT(text, HasSubstr("used –  live –  trigger –  total –"));
  EXPECT_THAT(text, HasSubstr("– cycles  –/s  – of the time"));
  EXPECT_THAT(text, HasSubstr("none is known"));
  EXPECT_THAT(text, HasSubstr("UNKNOWN   nothing is known by which to judge"));
  EXPECT_THAT(text.substr(0, text.find("PAUSES")), Not(testing::ContainsRegex("[ >]0[ %/]")));
}

TEST(Page, HasNoRateOfACounterThatFell) {
  const std::string text = page(input_of(kNow, kBefore));
  EXPECT_THAT(text, HasSubstr("REQUESTS  –/s"));
  EXPECT_THAT(text, HasSubstr("1,200 cycles  –/s  – of the time"));
  EXPECT_THAT(text, HasSubstr("P99 –"));
}

TEST(Page, HasNoRateOfAProcessThatWasStartedAgain) {
  std::string now = kNow;
  now.replace(now.find("4711"), 4, "4712");
  EXPECT_THAT(page(input_of(kBefore, now)), HasSubstr("REQUESTS  –/s"));
}

TEST(Page, CutsManyServersAndSaysHowMany) {
  std::string now = "valkyria_up 1\n";
  for (int i = 0; i < 100; ++i) {
    now += "http_requests_total{server=\"s" + std::to_string(i) +
           "\",port=\"1\",protocol=\"http\",status=\"2xx\"} " + std::to_string(i) + "\n";
  }
  const std::string text = page(input_of("", now));
  EXPECT_EQ(lines_of(text), 24u);
  EXPECT_THAT(text, HasSubstr("\ns99 "));  // the busiest first
  EXPECT_THAT(text, HasSubstr("  and 92 more\n"));
  EXPECT_THAT(text, HasSubstr("CLIENT"));
  const std::string whole = page(input_of("", now), {80, 0});
  EXPECT_THAT(whole, HasSubstr("\ns0 "));
  EXPECT_THAT(whole, Not(HasSubstr("more")));
}

TEST(Page, MakesHostileNamesHarmless) {
  const std::string name = "\x1b[31m\x9b\xE2\x80\xAE\xCC\x81\\nevil";
  const std::string labels = "{server=\"" + name + "\",port=\"\x07\",protocol=\"\",status=\"2xx\"}";
  terminal::PageInput input =
      input_of("", "valkyria_up{process=\"" + name + "\"} 1\nhttp_requests_total{process=\"" +
                       name + "\"," + labels.substr(1) + " 3\n");
  input.trouble = "\x1b]0;title\x07";
  for (const terminal::Size size : {terminal::Size{80, 24}, {80, 0}}) {
    const std::string text = page(input, size);
    EXPECT_THAT(text, HasSubstr("[31m"));
    for (const char* const bad : {"\x1b", "\x9b", "\x07", "\xE2\x80\xAE", "\xCC\x81"}) {
      EXPECT_THAT(text, Not(HasSubstr(bad)));
    }
    EXPECT_THAT(text, HasSubstr("evil"));
  }
  EXPECT_EQ(lines_of(page(input)), 24u);
}

TEST(Page, ColoursOnlyWhereAskedTo) {
  const terminal::Lines lines = write_page(input_of(kBefore, kNow), {});
  EXPECT_THAT(write_lines(lines, 80, terminal::Colours::kNone), Not(HasSubstr("\x1b")));
  EXPECT_THAT(write_lines(lines, 80, terminal::Colours::kAnsi), HasSubstr("\x1b[32mGOOD"));
}

TEST(Page, TellsThatNobodyAnswersAndHowOldTheNumbersAre) {
  terminal::PageInput input = input_of(kBefore, kNow);
  input.trouble = "read http://127.0.0.1:18255/metrics: nobody answers there";
  input.age_seconds = 75;
  const std::string text = page(input);
  EXPECT_THAT(text, HasSubstr("NO ANSWER  read http://127.0.0.1:18255/metrics: nobody answers"));
  EXPECT_THAT(text, HasSubstr("numbers are 1 min old; trying again each second"));
  EXPECT_THAT(text, HasSubstr("used 34.0 MiB"));
  input.now.reset();
  input.before.reset();
  EXPECT_THAT(page(input), HasSubstr("\n           trying again each second\n"));
  EXPECT_EQ(lines_of(page(input)), 24u);
}

TEST(Page, SaysWhatHasEndedAndWhatStandsStill) {
  EXPECT_THAT(page(input_of("", "valkyria_up 0\n")), HasSubstr("CRITICAL  the process has ended"));
  EXPECT_THAT(page(input_of("", "valkyria_up 1\nvalkyria_process_state{state=\"frozen\"} 1\n")),
              HasSubstr("CRITICAL  the process is stopped or frozen"));
}

constexpr const char* kSeveral = R"(
valkyria_up{process="shop"} 1
valkyria_up{process="search"} 0
valk_gc_heap_live_bytes{process="shop"} 1024
)";

TEST(Page, ListsSeveralProcessesAndLetsChoose) {
  terminal::PageInput input = input_of("", kSeveral);
  EXPECT_THAT(page(input), HasSubstr("\n> shop "));
  EXPECT_THAT(page(input), HasSubstr("\nsearch        "));
  EXPECT_THAT(page(input), HasSubstr("ENDED"));
  input.choice.press(terminal::Key::kDown, *input.now);
  EXPECT_THAT(page(input), HasSubstr("\n> search "));
  input.choice.press(terminal::Key::kOpen, *input.now);
  EXPECT_THAT(page(input), HasSubstr("\nsearch  pid –"));
  input.choice.press(terminal::Key::kUp, *input.now);
  EXPECT_THAT(page(input), HasSubstr("\nshop  pid –"));
  input.choice.press(terminal::Key::kBack, *input.now);
  EXPECT_THAT(page(input), HasSubstr("\n> shop "));
}

TEST(Page, StaysWithTheProcessThatWasAskedFor) {
  terminal::PageInput input = input_of("", kSeveral);
  input.choice.opened = "shop";
  input.choice.is_fixed = true;
  input.choice.press(terminal::Key::kBack, *input.now);
  EXPECT_THAT(page(input), HasSubstr("\nshop  pid –"));
  input.choice.opened = "other";
  EXPECT_THAT(page(input), HasSubstr("no process \"other\" is watched"));
}

TEST(Page, KeepsTheMarkedProcessInSight) {
  std::string now;
  for (int i = 0; i < 60; ++i) now += "valkyria_up{process=\"p" + std::to_string(i) + "\"} 1\n";
  terminal::PageInput input = input_of("", now);
  input.choice.marked = "p40";
  EXPECT_THAT(page(input), HasSubstr("\n> p40 "));
  EXPECT_EQ(lines_of(page(input)), 24u);
}

TEST(Page, PausesThatStoppedNobodyAreNoTrouble) {
  terminal::PageInput input = input_of(kBefore, kNow);
  input.pauses = {pause(80)};
  EXPECT_THAT(page(input), HasSubstr("CRITICAL  a garbage collection took 80.0 ms"));
  EXPECT_THAT(page(input), HasSubstr("!!"));
  input.pauses.back().world_stopped = false;
  EXPECT_THAT(page(input), HasSubstr("GOOD "));
  EXPECT_THAT(page(input), Not(HasSubstr("!")));
  input.pauses = {pause(80, 60)};  // long ago
  EXPECT_THAT(page(input), HasSubstr("GOOD "));
}

}  // namespace
