#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/listen_address.h"

namespace {

using http::ListenAddress;
using http::parse_listen_address;
using testing::HasSubstr;

TEST(ParseListenAddress, TakesHostAndPort) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:18255").value(), (ListenAddress{"127.0.0.1", 18255}));
  EXPECT_EQ(parse_listen_address("[::1]:18255").value(), (ListenAddress{"::1", 18255}));
  EXPECT_EQ(parse_listen_address("[fe80::1%eth0]:9").value(), (ListenAddress{"fe80::1%eth0", 9}));
  EXPECT_EQ(text_of(ListenAddress{"fe80::1%eth0", 9}), "[fe80::1%eth0]:9");
  EXPECT_EQ(parse_listen_address(":18255").value(), (ListenAddress{"", 18255}));
  EXPECT_EQ(parse_listen_address("localhost:0").value(), (ListenAddress{"localhost", 0}));
  EXPECT_EQ(parse_listen_address("my-host.example:65535").value(),
            (ListenAddress{"my-host.example", 65535}));
}

TEST(ParseListenAddress, RefusesEverythingElseAndNamesIt) {
  for (const char* const text : {"",
                                 "18255",
                                 "127.0.0.1",
                                 "127.0.0.1:",
                                 ":",
                                 "localhost:http",
                                 "localhost:-1",
                                 "localhost:+1",
                                 "localhost:65536",
                                 "localhost:99999999999",
                                 "localhost:80 ",
                                 " :80",
                                 "::1:80",
                                 "[::1]",
                                 "[::1]80",
                                 "[]:80",
                                 "[fe80::1%]:80",
                                 "[fe80::1%a b]:80",
                                 "[fe80::1%eth0%eth1]:80",
                                 "[fe80::1%sixteen-or-more-]:80",
                                 "[%eth0]:80",
                                 "[::1:80",
                                 "::1]:80",
                                 "[localhost]:80",
                                 "[127.0.0.1]:80",
                                 "a b:80",
                                 "http://localhost:80",
                                 "localhost:80/metrics",
                                 "\xFF:80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_THAT(address.error().message, HasSubstr("\"" + std::string(text) + "\""));
  }
}

TEST(ParseListenAddress, RefusesAnAddressThatGoesOnBehindANul) {
  EXPECT_FALSE(parse_listen_address(std::string_view("[::1\0x]:80", 10)));
}

TEST(ListenAddressText, IsWhatWasParsed) {
  for (const char* const text : {"127.0.0.1:18255", "[::1]:18255", ":18255", "localhost:0"}) {
    EXPECT_EQ(text_of(parse_listen_address(text).value()), text);
  }
}

}  // namespace
