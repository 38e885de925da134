#include "http/client.h"

#include <gmock/gmock.h>

#include <string>
#include <thread>

#include "http_support.h"

namespace {

using http::Client;
using http::parse_url;
using http::Url;
using testing::HasSubstr;

TEST(ParseUrl, TakesHostPortAndPath) {
  EXPECT_EQ(text_of(parse_url("http://127.0.0.1:18255").value()), "http://127.0.0.1:18255/");
  EXPECT_EQ(text_of(parse_url("localhost:1/a/metrics?x=y").value()),
            "http://localhost:1/a/metrics?x=y");
  EXPECT_EQ(text_of(parse_url("http://[::1]:9/m").value()), "http://[::1]:9/m");
  EXPECT_EQ(parse_url("http://example").value().port, 80);
}

TEST(ParseUrl, RefusesEverythingElseAndNamesIt) {
  for (const char* const text :
       {"", "http://", "https://a", "ftp://a", "http://a:0", "http://a:65536", "http://a:x",
        "http://[::1", "http://[]:1", "http://[x]:1", "http://a b", "http://a/b c", "http://a/\x1b",
        "http://user@a", "http://[::1]9", "/metrics", ":80"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_THAT(url.error().message, HasSubstr("URL \""));
  }
}

enum class Then { kGoes, kIsSilent };

// Answers the one connection that comes with `answer`, and goes, or waits until the client does.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer, Then then = Then::kGoes)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    ::bind(socket_.get(), any, length);
    ::listen(socket_.get(), 1);
    ::getsockname(socket_.get(), any, &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer), then] {
      const base::UniqueFd client(::accept(socket_.get(), nullptr, nullptr));
      char request[4096];
      (void)!::read(client.get(), request, sizeof(request));
      (void)!::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
      if (then == Then::kIsSilent) (void)!::read(client.get(), request, sizeof(request));
    });
  }
  ~OneAnswer() { thread_.join(); }

  Url url() const { return {"127.0.0.1", port_, "/"}; }

 private:
  base::UniqueFd socket_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST(Client, ReadsAPage) {
  const OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(Client(server.url()).get("/").value(), "hello");
}

TEST(Client, RefusesALongAnswer) {
  const OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" +
                         std::string(1'000, 'x'));
  const auto body = Client(server.url(), {.body_bytes = 999}).get("/");
  ASSERT_FALSE(body);
  EXPECT_THAT(body.error().message, HasSubstr("more than 999 bytes"));
}

TEST(Client, NamesThePageAndTheStatus) {
  const OneAnswer server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  const auto body = Client(server.url()).get("/debug/x");
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().cause, base::Cause::kGone);
  EXPECT_THAT(body.error().message, HasSubstr("/debug/x: the answer has status 404"));
}

TEST(Client, TellsOfAnAnswerThatIsNone) {
  const OneAnswer server("what?\r\n\r\n");
  EXPECT_FALSE(Client(server.url()).get("/"));
}

TEST(Client, DoesNotWaitForASilentServer) {
  const OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", Then::kIsSilent);
  EXPECT_FALSE(Client(server.url(), {.silence = std::chrono::milliseconds(100)}).get("/"));
}

TEST(Client, SaysThatNobodyIsThere) {
  Url gone;
  {
    const OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    gone = server.url();
    EXPECT_TRUE(Client(gone).get("/"));
  }
  const auto body = Client(gone).get("/metrics");
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().cause, base::Cause::kLacking);
  EXPECT_THAT(body.error().message, HasSubstr("nobody answers there"));
}

}  // namespace
