#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "http/accept_list.h"
#include "http/negotiation.h"

namespace http {

// How gtest names a format in a failure.
void PrintTo(MetricsFormat format, std::ostream* out) {
  *out << (format == MetricsFormat::kText          ? "text"
           : format == MetricsFormat::kOpenMetrics ? "openmetrics"
                                                   : "openmetrics draft");
}

}  // namespace http

namespace {

using enum http::MetricsFormat;
using http::accepts_gzip;
using http::negotiate_format;
using http::parse_accept_list;

struct Wanted {
  const char* accept;
  http::MetricsFormat format;
};

constexpr Wanted kWanted[] = {
    // Prometheus 2.42 and 3, and what it falls back to.
    {"application/openmetrics-text; version=1.0.0, application/openmetrics-text; "
     "version=0.0.1;q=0.75, text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
     kOpenMetrics},
    {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
     "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
     "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
     kOpenMetrics},
    {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
     "encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3",
     kText},
    {"text/plain;version=0.0.4;q=1,*/*;q=0.1", kText},
    // curl, a browser, nothing.
    {"*/*", kText},
    {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", kText},
    {"", kText},
    {"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", kText},
    // Versions.
    {"application/openmetrics-text", kOpenMetricsDraft},
    {"application/openmetrics-text; version=0.0.1", kOpenMetricsDraft},
    {"application/openmetrics-text; version=\"1.0.0\"", kOpenMetrics},
    {"application/openmetrics-text; version=2.0.0", kText},
    {"application/openmetrics-text; version=2.0.0, application/openmetrics-text;version=1.0.0",
     kOpenMetrics},
    {"application/openmetrics-text;version=0.0.1, application/openmetrics-text;version=1.0.0;q=0.5",
     kOpenMetricsDraft},
    {"Application/OpenMetrics-Text; Version=1.0.0", kOpenMetrics},
    // Qualities.
    {"application/openmetrics-text;version=1.0.0;q=0.4, text/plain;q=0.5", kText},
    {"application/openmetrics-text;version=1.0.0;q=0.5, text/plain;q=0.4", kOpenMetrics},
    {"application/openmetrics-text;version=1.0.0, text/plain", kOpenMetrics},
    {"text/plain, application/openmetrics-text;version=1.0.0", kText},
    {"*/*, application/openmetrics-text;version=1.0.0", kOpenMetrics},
    {"application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.8", kText},
    {"application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.8, text/plain;q=0.1", kOpenMetrics},
    {"application/openmetrics-text;version=1.0.0;q=0.5, text/*;q=0.8, */*;q=0.1", kText},
    {"application/openmetrics-text;version=1.0.0;q=0", kText},
    {"application/openmetrics-text;version=1.0.0;q=0, text/plain;q=0", kText},
    {"application/openmetrics-text ; version = 1.0.0 ; q = 1.000 , text/plain ; q = 0.9",
     kOpenMetrics},
    {"application/openmetrics-text;version=1.0.0;Q=0.1,text/plain", kText},
    // Wildcards don't name it.
    {"application/*", kText},
    // What is no quality says nothing.
    {"application/openmetrics-text;version=1.0.0;q=NaN", kText},
    {"application/openmetrics-text;version=1.0.0;q=inf", kText},
    {"application/openmetrics-text;version=1.0.0;q=-1", kText},
    {"application/openmetrics-text;version=1.0.0;q=1.5", kText},
    {"application/openmetrics-text;version=1.0.0;q=1e-3", kText},
    {"application/openmetrics-text;version=1.0.0;q=0x1", kText},
    {"application/openmetrics-text;version=1.0.0;q=0.5 x", kText},
    // Quotes hide separators, also where they don't end.
    {"text/plain;x=\"a,application/openmetrics-text;version=1.0.0\"", kText},
    {"text/plain;x=\"a\\\",application/openmetrics-text;version=1.0.0\"", kText},
    {"text/plain;q=0.5;x=\"a, application/openmetrics-text;version=1.0.0", kText},
    {"text/plain;q=0.5;x=\"a;b,c\", application/openmetrics-text;version=1.0.0", kOpenMetrics},
    {"\"", kText},
    {"\"\\", kText},
    {",;=,;;==,,", kText},
    {"application/openmetrics-text;version=1.0.0\x01", kText},
};

TEST(NegotiateFormat, GivesWhatTheClientPrefers) {
  for (const Wanted& wanted : kWanted) {
    EXPECT_EQ(negotiate_format(wanted.accept), wanted.format) << wanted.accept;
  }
}

TEST(NegotiateFormat, ReadsOnlySoManyElements) {
  const std::string format = "application/openmetrics-text;version=1.0.0";
  EXPECT_EQ(negotiate_format(std::string(10'000, ',') + format), kOpenMetrics);
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "a/b,";
  EXPECT_EQ(parse_accept_list(many).size(), 100U);
  EXPECT_EQ(negotiate_format(many + format), kText);
}

TEST(NegotiateFormat, TakesAnyBytes) {
  std::uint32_t seed = 1;
  constexpr char kAlphabet[] = {',', ';', '=', '"', '\\',   ' ',    'q',
                                '0', '.', '*', '/', '\x01', '\xFF', 'a'};
  for (int round = 0; round < 20'000; ++round) {
    std::string text = round % 2 == 0 ? "application/openmetrics-text" : "";
    for (int i = 0; i < round % 40; ++i) {
      seed = seed * 1'664'525 + 1'013'904'223;
      text += kAlphabet[(seed >> 16) % sizeof(kAlphabet)];
    }
    negotiate_format(text);
    accepts_gzip(text);
  }
}

TEST(ParseAcceptList, SplitsNamesParametersAndQualities) {
  const auto elements = parse_accept_list(" a/b ; x = 1 ;q=0.25 ,, gzip");
  ASSERT_EQ(elements.size(), 2U);
  EXPECT_EQ(elements[0].name, "a/b");
  EXPECT_EQ(elements[0].quality, 0.25);
  EXPECT_EQ(parameter_of(elements[0], "X"), "1");
  EXPECT_EQ(parameter_of(elements[0], "y"), "");
  EXPECT_EQ(elements[1].name, "gzip");
  EXPECT_EQ(elements[1].quality, 1);
}

TEST(AcceptsGzip, OfWhoNamesItAndDoesNotLikeItLess) {
  for (const char* const accepting :
       {"gzip", "GZIP", "x-gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8, *;q=0.1", "*",
        "deflate, *;q=0.1", "gzip;q=0.001", "identity;q=0.5, gzip;q=0.5", "gzip;q=1, *;q=0"}) {
    EXPECT_TRUE(accepts_gzip(accepting)) << accepting;
  }
  for (const char* const refusing :
       {"", "identity", "br", "deflate", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *",
        "identity;q=1, gzip;q=0.5", "gzip;q=NaN", "gzip;q=2", "gzipx", "not-gzip", "\"gzip\""}) {
    EXPECT_FALSE(accepts_gzip(refusing)) << refusing;
  }
}

}  // namespace
