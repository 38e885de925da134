// Where the exporter can be reached.
#include <cstdlib>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "exporter.h"
#include "places.h"
#include "raw_client.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

// The port that the log says of this host; 0: it says nothing of it.
std::uint16_t port_of(const Exporter& exporter, const std::string& host) {
  const std::regex line("serving on .*http://" + host + ":([0-9]+)/");
  const std::string log = exporter.log();
  std::smatch match;
  if (!std::regex_search(log, match, line)) return 0;
  return static_cast<std::uint16_t>(std::stoi(match[1]));
}

// The first line of what comes back.
std::string answer_of(RawClient client) {
  client.send("GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answer = client.receive_all();
  return answer.substr(0, answer.find('\r'));
}

bool has_ipv6_loopback() {
  std::ifstream addresses("/proc/net/if_inet6");
  for (std::string word; addresses >> word;) {
    if (word == std::string(31, '0') + "1") return true;
  }
  return false;
}

class HttpAddresses : public EndToEnd {
 protected:
  Exporter listening_on(const std::string& address) const {
    return Exporter({"--pid", std::to_string(minivalk_.pid()), "--web.listen-address", address});
  }

  test::Minivalk minivalk_;
};

TEST_F(HttpAddresses, CanBeGivenSeveralTimes) {
  const Exporter exporter = listening_on("127.0.0.2:0");
  EXPECT_EQ(answer_of(RawClient(exporter.port())), "HTTP/1.1 200 OK");
  const std::uint16_t second = port_of(exporter, "127\\.0\\.0\\.2");
  ASSERT_NE(second, 0) << exporter.log();
  EXPECT_EQ(answer_of(RawClient(second, 0, "127.0.0.2")), "HTTP/1.1 200 OK");
}

TEST_F(HttpAddresses, OfAnInterfaceAreReachableThere) {
  if (!has_ipv6_loopback()) {
    if (std::getenv("CI") != nullptr) FAIL() << "this machine has no ::1";
    GTEST_SKIP() << "this machine has no ::1";
  }
  const Exporter exporter = listening_on("[::1%lo]:0");
  const std::uint16_t port = port_of(exporter, "\\[::1%lo\\]");
  ASSERT_NE(port, 0) << exporter.log();
  EXPECT_EQ(answer_of(RawClient::over_ipv6(port)), "HTTP/1.1 200 OK");
}

TEST_F(HttpAddresses, OfAnInterfaceThatIsNotThereAreRefusedByItsName) {
  const FailedStart start =
      run_to_failure({"--pid", std::to_string(minivalk_.pid()), "--cache-dir", "",
                      "--web.listen-address", "[fe80::1%no_such_link]:0"});
  EXPECT_EQ(start.status.code, 1);
  EXPECT_NE(start.message.find("no interface no_such_link"), std::string::npos) << start.message;
}

// Debian's /etc/hosts gives localhost both, and people look for it at 127.0.0.1.
TEST_F(HttpAddresses, OfANameAreAllThatItStandsFor) {
  const TemporaryDirectory directory;
  const auto hosts = directory.path() / "hosts";
  std::ofstream(hosts) << "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";
  const Exporter exporter(
      {"--mount", "/bin/sh", "-c", "mount --bind " + hosts.string() + " /etc/hosts && exec \"$@\"",
       "sh", exporter_path(), "--pid", std::to_string(minivalk_.pid()), "--web.listen-address",
       "localhost:0"},
      "/usr/bin/unshare");
  const std::uint16_t port = port_of(exporter, "localhost");
  ASSERT_NE(port, 0) << exporter.log();
  EXPECT_EQ(answer_of(RawClient(port)), "HTTP/1.1 200 OK");
  if (!has_ipv6_loopback()) return;
  EXPECT_EQ(answer_of(RawClient::over_ipv6(port)), "HTTP/1.1 200 OK");
}

}  // namespace
}  // namespace e2e
