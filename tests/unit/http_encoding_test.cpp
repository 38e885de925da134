// Which format and which encoding clients are answered in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http_support.h"

namespace {

using http_test::always;
using http_test::port_of;
using http_test::RawClient;
using http_test::serve;
using http_test::snapshot_of;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPrometheusAccept =
    "application/openmetrics-text; version=1.0.0, application/openmetrics-text; "
    "version=0.0.1;q=0.75, text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

// Without Accept-Encoding among the headers, newer versions of httplib add one that takes gzip.
httplib::Result get(const http::Server& server, const std::string& path, httplib::Headers headers) {
  if (!headers.contains("Accept-Encoding")) headers.emplace("Accept-Encoding", "identity");
  httplib::Client client("127.0.0.1", port_of(server));
  client.set_decompress(false);
  return client.Get(path, headers);
}

std::string type_of(const httplib::Result& response) {
  return response->get_header_value("Content-Type");
}

std::string encoding_of(const httplib::Result& response) {
  return response->get_header_value("Content-Encoding");
}

TEST(Format, IsOpenMetricsForPrometheusAndTextForCurl) {
  const auto server = serve(always(snapshot_of("", true)));
  const auto scrape = get(*server, "/metrics", {{"Accept", kPrometheusAccept}});
  EXPECT_EQ(type_of(scrape), "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_THAT(scrape->body, HasSubstr("# TYPE valk_gc_cycles counter\n"));
  EXPECT_THAT(scrape->body, EndsWith("# EOF\n"));
  const auto by_hand = get(*server, "/metrics", {{"Accept", "*/*"}});
  EXPECT_EQ(type_of(by_hand), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(by_hand->body, HasSubstr("# TYPE valk_gc_cycles_total counter\n"));
}

TEST(Format, IsTheDraftForWhoAsksForIt) {
  const auto server = serve(always(snapshot_of("", true)));
  const auto draft =
      get(*server, "/metrics", {{"Accept", "application/openmetrics-text; version=0.0.1"}});
  EXPECT_EQ(type_of(draft), "application/openmetrics-text; version=0.0.1; charset=utf-8");
  EXPECT_THAT(draft->body, EndsWith("# EOF\n"));
}

TEST(Format, IsFoundInSeveralFieldsToo) {
  const auto server = serve(always(snapshot_of("", true)));
  const auto response = get(
      *server, "/metrics",
      {{"Accept", "text/plain;q=0.1"}, {"Accept", "application/openmetrics-text;version=1.0.0"}});
  EXPECT_THAT(type_of(response), HasSubstr("openmetrics"));
}

TEST(Encoding, IsGzipForBothFormatsAndAllPages) {
  const auto server = serve(always(snapshot_of("", true)));
  for (const char* const path : {"/metrics", "/debug/metrics", "/"}) {
    for (const char* const accept : {kPrometheusAccept, "*/*"}) {
      const auto plain = get(*server, path, {{"Accept", accept}});
      EXPECT_EQ(encoding_of(plain), "") << path;
      // A browser's; brotli is for pages that are compressed once and sent often.
      const auto packed =
          get(*server, path, {{"Accept", accept}, {"Accept-Encoding", "gzip, deflate, br"}});
      EXPECT_EQ(encoding_of(packed), "gzip") << path;
      EXPECT_EQ(type_of(packed), type_of(plain));
      EXPECT_LT(packed->body.size(), plain->body.size());
      EXPECT_EQ(packed->get_header_value("Content-Length"), std::to_string(packed->body.size()));
      EXPECT_EQ(packed->get_header_value_count("Content-Encoding"), 1U);
      httplib::Client unpacking("127.0.0.1", port_of(*server));
      const auto unpacked = unpacking.Get(path, {{"Accept", accept}, {"Accept-Encoding", "gzip"}});
      EXPECT_EQ(unpacked->body, plain->body) << path;
    }
  }
}

TEST(Encoding, IsNoneForWhoRefusesGzip) {
  const auto server = serve(always(snapshot_of("", true)));
  for (const char* const refusing : {"gzip;q=0", "br", "identity", "*;q=0", "gzip;q=NaN"}) {
    for (const char* const accept : {kPrometheusAccept, "*/*"}) {
      const auto response =
          get(*server, "/metrics", {{"Accept", accept}, {"Accept-Encoding", refusing}});
      EXPECT_EQ(encoding_of(response), "") << refusing;
      EXPECT_THAT(response->body, HasSubstr("valkyria_up 1")) << refusing;
    }
  }
}

TEST(Encoding, LeavesShortAnswersAlone) {
  const auto server = serve(always(snapshot_of("", true)));
  const auto response = get(*server, "/-/healthy", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(encoding_of(response), "");
  EXPECT_EQ(response->body, "healthy\n");
}

TEST(Encoding, OfHeadIsThatOfGet) {
  const auto server = serve(always(snapshot_of("", true)));
  const httplib::Headers headers{{"Accept", kPrometheusAccept}, {"Accept-Encoding", "gzip"}};
  const auto whole = get(*server, "/metrics", headers);
  const auto head = httplib::Client("127.0.0.1", port_of(*server)).Head("/metrics", headers);
  ASSERT_TRUE(head);
  EXPECT_EQ(encoding_of(head), "gzip");
  EXPECT_EQ(head->get_header_value("Content-Length"), std::to_string(whole->body.size()));
}

TEST(Encoding, CannotBeForcedByOurOwnField) {
  const auto server = serve(always(snapshot_of("", true)));
  const auto response = get(*server, "/metrics", {{"X-Valkyria-Accepts-Gzip", "1"}});
  EXPECT_EQ(encoding_of(response), "");
}

TEST(Vary, TellsCachesWhatTheAnswerHangsOn) {
  const auto server = serve(always(snapshot_of("", true)));
  for (const char* const encoding : {"identity", "gzip"}) {
    const httplib::Headers headers{{"Accept-Encoding", encoding}};
    const auto metrics = get(*server, "/metrics", headers);
    EXPECT_EQ(metrics->get_header_value("Vary"), "Accept, Accept-Encoding");
    EXPECT_EQ(metrics->get_header_value_count("Vary"), 1U);
    EXPECT_EQ(get(*server, "/debug/metrics", headers)->get_header_value("Vary"), "Accept-Encoding");
  }
}

TEST(HostileFields, GetAnAnswer) {
  const auto server = serve(always(snapshot_of("", true)));
  const std::vector<std::string> values = {std::string(8'000, ','),
                                           std::string(8'000, '"'),
                                           std::string(8'000, ';'),
                                           "text/plain;q=" + std::string(8'000, '9'),
                                           std::string(8'000, 'a') + "/b",
                                           "application/openmetrics-text;q=NaN;version=1.0.0",
                                           "\xC3\xFF\xFE",
                                           "br\t, \xFF;q=\x80"};
  for (const std::string& value : values) {
    for (const char* const name : {"Accept", "Accept-Encoding"}) {
      RawClient client(port_of(*server));
      ASSERT_TRUE(client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n" + std::string(name) + ": " +
                              value + "\r\nConnection: close\r\n\r\n"));
      const std::string answer = client.receive_until("valkyria_up 1\n");
      EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200 OK")) << name << ": " << value.substr(0, 60);
      EXPECT_THAT(answer, HasSubstr("valkyria_up 1\n")) << name << ": " << value.substr(0, 60);
      EXPECT_THAT(answer, Not(HasSubstr("Content-Encoding")));
    }
  }
}

}  // namespace
