// Whose pages may make a browser ask for what stands below /debug/.
#include "http/origin.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace {

http::Request from_site(const std::string& site, const std::string& mode = "",
                        const std::string& dest = "") {
  http::Request request;
  request.head.host = "localhost:18255";
  request.head.fetch_site = site;
  request.head.fetch_mode = mode;
  request.head.fetch_dest = dest;
  request.is_on_loopback = true;
  return request;
}

http::Request for_host(const std::string& host, bool is_on_loopback = true) {
  http::Request request;
  request.head.host = host;
  request.is_on_loopback = is_on_loopback;
  return request;
}

TEST(RefuseOrigin, TakesOurOwnPageAndPlainClients) {
  for (const char* const site : {"", "same-origin", "none"}) {
    EXPECT_FALSE(http::refuse_origin(from_site(site), false)) << site;
  }
}

TEST(RefuseOrigin, RefusesOtherSitesPages) {
  for (const char* const site : {"cross-site", "same-site", "same-origin, cross-site", "x"}) {
    EXPECT_TRUE(http::refuse_origin(from_site(site), false)) << site;
    EXPECT_TRUE(http::refuse_origin(from_site(site), true)) << site;
  }
}

TEST(RefuseOrigin, ALinkToThePageMayBeFollowed) {
  EXPECT_FALSE(http::refuse_origin(from_site("cross-site", "navigate", "document"), true));
  EXPECT_TRUE(http::refuse_origin(from_site("cross-site", "navigate", "document"), false));
  EXPECT_TRUE(http::refuse_origin(from_site("cross-site", "navigate", "iframe"), true));
  EXPECT_TRUE(http::refuse_origin(from_site("cross-site", "no-cors", "document"), true));
}

TEST(RefuseOrigin, OnLoopbackTheNameIsOneOfThisMachine) {
  char own[256] = "";
  ASSERT_EQ(::gethostname(own, sizeof own - 1), 0);
  for (const std::string& host :
       {std::string("localhost"), std::string("localhost:1"), std::string("LOCALHOST."),
        std::string("127.0.0.1:18255"), std::string("127.1.2.3"), std::string("[::1]:80"),
        std::string("valk.localhost"), std::string(own), std::string()}) {
    EXPECT_FALSE(http::refuse_origin(for_host(host), false)) << host;
  }
  for (const char* const host : {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example",
                                 "evillocalhost", "[::2]", "10.0.0.1:18255", "127.evil"}) {
    EXPECT_TRUE(http::refuse_origin(for_host(host), false)) << host;
    EXPECT_FALSE(http::refuse_origin(for_host(host, false), false)) << host;
  }
}

}  // namespace
