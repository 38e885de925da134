#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command/build_facts.h"
#include "command/start_line.h"
#include "command/suggestion.h"

namespace {

using command::nearest;
using command::start_line;
using testing::HasSubstr;

const std::vector<std::string> kKnown{
    "--pid", "--web.listen-address", "--web.telemetry-path", "--log.level", "doctor", "dump",
    "top"};

TEST(Nearest, FindsWhatWasMistyped) {
  EXPECT_EQ(nearest("--web.listen-adress", kKnown), "--web.listen-address");
  EXPECT_EQ(nearest("--web.listen-addresss", kKnown), "--web.listen-address");
  EXPECT_EQ(nearest("--pdi", kKnown), "--pid");
  EXPECT_EQ(nearest("doctr", kKnown), "doctor");
  EXPECT_EQ(nearest("dupm", kKnown), "dump");
}

TEST(Nearest, CompletesABeginningThatOnlyOneHas) {
  EXPECT_EQ(nearest("--web.listen", kKnown), "--web.listen-address");
  EXPECT_EQ(nearest("--web.", kKnown), std::nullopt);
}

TEST(Nearest, SuggestsNothingFarAway) {
  EXPECT_EQ(nearest("--frobnicate", kKnown), std::nullopt);
  EXPECT_EQ(nearest("x", kKnown), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'x'), kKnown), std::nullopt);
  EXPECT_EQ(nearest("--pid", {}), std::nullopt);
}

TEST(StartLine, SaysWhatRunsWhomItWatchesAndWhere) {
  EXPECT_EQ(start_line({.one = target::OneProcess{4711}}, {"http://127.0.0.1:18255/metrics"}),
            "valkyria_exporter " + command::version() + " (revision " + command::revision() +
                ") watches --pid 4711, serving on http://127.0.0.1:18255/metrics");
  EXPECT_THAT(start_line({.executables = {"/usr/bin/valk"}}, {"http://a/m", "http://b/m"}),
              HasSubstr("watches --exe /usr/bin/valk, serving on http://a/m, http://b/m"));
  EXPECT_THAT(start_line({}, {"u"}), HasSubstr("watches every process, serving on u"));
}

TEST(VersionText, HasTheRevisionTheCompilerAndTheLibraries) {
  const std::string text = command::version_text();
  EXPECT_TRUE(text.starts_with("valkyria_exporter " + command::version() + "\n")) << text;
  for (const char* word : {"revision", "compiler", "libbpf", "libdw", "OpenSSL"}) {
    EXPECT_THAT(text, HasSubstr(word));
  }
}

}  // namespace
