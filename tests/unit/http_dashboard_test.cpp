#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "base/gzip.h"
#include "http/dashboard.h"
#include "web/files.h"

namespace {

using testing::HasSubstr;
using testing::Not;

http::Response get(const std::string& path, const char* accept_encoding = "") {
  http::Request request;
  request.path = path;
  request.head.accept_encoding = accept_encoding;
  http::Response response;
  http::answer_dashboard(request, response);
  return response;
}

std::string field_of(const http::Response& response, const std::string& name) {
  for (const auto& [key, value] : response.fields) {
    if (key == name) return value;
  }
  return "";
}

// The paths of what the page names.
std::string asset_of(const std::string& page, const std::string& ending) {
  std::smatch found;
  const std::regex name("assets/page-[0-9a-f]{12}\\." + ending);
  return std::regex_search(page, found, name) ? "/debug/" + found[0].str() : "";
}

TEST(Dashboard, TakesItsOwnPathsAndNoOthers) {
  for (const char* const path : {"/debug/", "/debug/licences", "/debug/assets/x.js"}) {
    EXPECT_TRUE(http::is_of_dashboard(path)) << path;
  }
  for (const char* const path : {"/", "/debug", "/debug/metrics", "/debug/events", "/metrics"}) {
    EXPECT_FALSE(http::is_of_dashboard(path)) << path;
  }
}

TEST(Dashboard, SaysThatItWasBuiltWithout) {
  if (!web::files().empty()) return;
  EXPECT_EQ(get("/debug/").status, 404);
  EXPECT_THAT(get("/debug/").body, HasSubstr("VALKYRIA_DASHBOARD=OFF"));
}

TEST(Dashboard, LetsThePageRunNothingButItsOwn) {
  if (web::files().empty()) return;
  const auto page = get("/debug/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(field_of(page, "Cache-Control"), "no-store");
  EXPECT_EQ(field_of(page, "Referrer-Policy"), "no-referrer");
  const std::string policy = field_of(page, "Content-Security-Policy");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'; script-src 'self'; style-src 'self'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  for (const char* const inline_thing : {"<script>", "<style", "style=", "onclick"}) {
    EXPECT_THAT(page.body, Not(HasSubstr(inline_thing)));
  }
}

TEST(Dashboard, ServesWhatThePageNamesForEver) {
  if (web::files().empty()) return;
  const std::string page = get("/debug/").body;
  for (const char* const ending : {"js", "css"}) {
    const auto asset = get(asset_of(page, ending));
    EXPECT_EQ(asset.status, 200);
    EXPECT_THAT(field_of(asset, "Cache-Control"), HasSubstr("immutable"));
  }
  EXPECT_EQ(get("/debug/assets/page-000000000000.js").status, 404);
}

TEST(Dashboard, ServesTheSameGzippedAndPlain) {
  if (web::files().empty()) return;
  const auto plain = get("/debug/licences");
  const auto gzipped = get("/debug/licences", "gzip");
  EXPECT_EQ(field_of(plain, "Content-Encoding"), "");
  EXPECT_EQ(field_of(gzipped, "Content-Encoding"), "gzip");
  EXPECT_EQ(base::gunzip(gzipped.body, plain.body.size()), plain.body);
  EXPECT_THAT(plain.body, HasSubstr("uplot"));
}

TEST(Dashboard, InflatesNothingElse) {
  EXPECT_EQ(base::gunzip("no gzip", 100), std::nullopt);
  const auto zipped = base::gzip("twelve bytes");
  ASSERT_TRUE(zipped);
  EXPECT_EQ(base::gunzip(*zipped, 12), "twelve bytes");
  EXPECT_EQ(base::gunzip(*zipped, 11), std::nullopt);
}

}  // namespace
