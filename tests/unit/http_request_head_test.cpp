// Heads of requests: what is taken, what is refused and how soon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "http/request_head.h"

namespace {

using http::HeadReader;
using http::Method;
using State = http::HeadReader::State;
using testing::HasSubstr;

HeadReader read(std::string_view bytes) {
  HeadReader reader;
  reader.read(bytes);
  return reader;
}

// A head of these lines below "GET /" and "Host: x".
HeadReader read_fields(const std::string& lines) {
  return read("GET / HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n");
}

HeadReader read_target(const std::string& target, const std::string& method = "GET") {
  return read(method + " " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
}

int status_of(const HeadReader& reader) {
  return reader.state() == State::kRefused ? reader.refusal().status : 0;
}

TEST(HeadReader, KeepsWhatIsUsedOfAHead) {
  const auto reader = read(
      "GET /metrics?process=a%20b HTTP/1.1\r\nHost: x:1\r\naCCept: text/plain\r\n"
      "Accept-Encoding:\t gzip \t\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n"
      "X-Other: \xC3\xA4\r\nAccept: */*\r\n\r\n");
  ASSERT_EQ(reader.state(), State::kWhole);
  EXPECT_EQ(reader.head().method, Method::kGet);
  EXPECT_EQ(reader.head().target, "/metrics?process=a%20b");
  EXPECT_EQ(reader.head().accept, "text/plain, */*");
  EXPECT_EQ(reader.head().accept_encoding, "gzip");
  EXPECT_EQ(reader.head().scrape_timeout, "10");
  EXPECT_TRUE(reader.head().keep_alive);
  EXPECT_FALSE(reader.head().has_body);
  EXPECT_FALSE(reader.head().is_http_1_0);
}

TEST(HeadReader, TakesTheBytesOfOneHeadOnly) {
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  HeadReader reader;
  EXPECT_EQ(reader.read(head + "GET /second"), head.size());
  EXPECT_EQ(reader.state(), State::kWhole);
  EXPECT_EQ(reader.read("GET /second"), 0U);
}

TEST(HeadReader, SkipsEmptyLinesBeforeARequest) {
  EXPECT_EQ(read("\r\n\r\nGET / HTTP/1.0\r\n\r\n").state(), State::kWhole);
  EXPECT_FALSE(read("\r\n\r\n").has_begun());
  EXPECT_EQ(read(std::string(20'000, '\n').insert(0, "\r")).state(), State::kRefused);
  std::string endless;
  for (int i = 0; i < 10'000; ++i) endless += "\r\n";
  EXPECT_EQ(status_of(read(endless)), 431);
}

TEST(HeadReader, RefusesWhatIsNoLineEndAtOnce) {
  for (const char* const text :
       {"\n", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: x\n", "GET / HTTP/1.1\r\nX: a\nRange: b",
        "GET / HTTP/1.1\r\nX: a\rb", "GET / HTTP/1.1\r\r", "\r\r", "GET /\r\nHost: x\r\n\n"}) {
    EXPECT_EQ(status_of(read(text)), 400) << text;
  }
}

TEST(HeadReader, RefusesControlCharactersAtOnce) {
  for (const char c : {'\0', '\x01', '\x0B', '\x1F', '\x7F'}) {
    EXPECT_EQ(status_of(read(std::string("GET /") + c)), 400) << int{c};
    EXPECT_EQ(status_of(read(std::string("GET / HTTP/1.1\r\nX: a") + c)), 400) << int{c};
    EXPECT_EQ(status_of(read(std::string(1, c))), 400) << int{c};
  }
}

TEST(HeadReader, RefusesAnotherProtocolAtItsFirstByte) {
  const auto tls = read("\x16");
  EXPECT_EQ(status_of(tls), 400);
  EXPECT_THAT(std::string(tls.refusal().reason), HasSubstr("TLS"));
  EXPECT_EQ(status_of(read("\x80")), 400);
  EXPECT_EQ(status_of(read(" ")), 400);
  EXPECT_EQ(status_of(read("PRI * HTTP/2.0\r\n")), 505);
  EXPECT_EQ(status_of(read("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")), 400);
  EXPECT_EQ(status_of(read("hello\r\n")), 400);
}

TEST(HeadReader, RefusesLinesThatAreNoRequestLine) {
  for (const char* const line :
       {"GET", "GET /", "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", "GET / a HTTP/1.1",
        "GET / http/1.1", "GET / HTTP/1.10", "GET / HTTP/1", "GET / HTTP/x.1", "GET\t/ HTTP/1.1"}) {
    EXPECT_EQ(status_of(read(std::string(line) + "\r\n")), 400) << line;
  }
  EXPECT_EQ(status_of(read("GET / HTTP/2.0\r\n")), 505);
  EXPECT_EQ(status_of(read("GET / HTTP/0.9\r\n")), 505);
}

TEST(HeadReader, TakesTargetsOfAllForms) {
  EXPECT_EQ(read_target("http://host:9/metrics?a=b").head().target, "/metrics?a=b");
  EXPECT_EQ(read_target("HTTPS://[::1]:9/x").head().target, "/x");
  EXPECT_EQ(read_target("http://host").head().target, "/");
  EXPECT_EQ(read_target("http://host?a=b").head().target, "/?a=b");
  EXPECT_EQ(read_target("*", "OPTIONS").head().target, "*");
  EXPECT_EQ(read_target("*", "OPTIONS").head().method, Method::kOptions);
  EXPECT_EQ(read_target("host:443", "CONNECT").head().method, Method::kOther);
  EXPECT_EQ(read_target("/", "get").head().method, Method::kOther);
}

TEST(HeadReader, RefusesTargetsOfNoForm) {
  for (const char* const target : {"*", "metrics", "ftp://host/", "http:///x", "http://a b/",
                                   "http://user@host/", "/a#b", "/\xC3\xA4", "://", "http:/x"}) {
    EXPECT_EQ(status_of(read_target(target)), 400) << target;
  }
}

TEST(HeadReader, RefusesFieldsThatOtherReadersReadOtherwise) {
  for (const char* const line :
       {"X : a\r\n", " X: a\r\n", "X: a\r\n b\r\n", "X: a\r\n\tb\r\n", ": a\r\n", "X\r\n",
        "X Y: a\r\n", "\xC3\xA4: a\r\n", "(x): a\r\n", "Host: x\r\n", "Content-Length: \r\n",
        "Content-Length: +1\r\n", "Content-Length: 1, 1\r\n", "Content-Length: 0x1\r\n",
        "Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 9999999999999999999\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"}) {
    EXPECT_EQ(status_of(read_fields(line)), 400) << line;
  }
  EXPECT_EQ(status_of(read_fields("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_EQ(status_of(read("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")), 400);
}

TEST(HeadReader, RefusesAFoldedLineAtItsFirstByte) {
  EXPECT_EQ(status_of(read("GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n ")), 400);
}

TEST(HeadReader, WantsOneHost) {
  EXPECT_EQ(status_of(read("GET / HTTP/1.1\r\n\r\n")), 400);
  EXPECT_EQ(status_of(read("GET / HTTP/1.1\r\nHost: a b\r\n\r\n")), 400);
  EXPECT_EQ(status_of(read("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n")), 400);
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost:\r\n\r\n").state(), State::kWhole);
  EXPECT_EQ(read("GET / HTTP/1.0\r\n\r\n").state(), State::kWhole);
}

TEST(HeadReader, KnowsWhetherABodyFollows) {
  EXPECT_TRUE(read_fields("Content-Length: 5\r\n").head().has_body);
  EXPECT_TRUE(read_fields("Content-Length: 5\r\nContent-Length: 5\r\n").head().has_body);
  EXPECT_TRUE(read_fields("Transfer-Encoding: Chunked\r\n").head().has_body);
  EXPECT_FALSE(read_fields("Content-Length: 00\r\n").head().has_body);
}

TEST(HeadReader, ReadsConnectionAsAListOfNames) {
  for (const char* const value : {"close", "Close", "CLOSE", "close, TE", "TE,close", " , close ,",
                                  "keep-alive, close", "x\r\nConnection: close"}) {
    EXPECT_FALSE(read_fields(std::string("Connection: ") + value + "\r\n").head().keep_alive)
        << value;
  }
  for (const char* const value : {"keep-alive", "", "closed", "not close", "close;x"}) {
    EXPECT_TRUE(read_fields(std::string("Connection: ") + value + "\r\n").head().keep_alive)
        << value;
  }
  EXPECT_FALSE(read("GET / HTTP/1.0\r\n\r\n").head().keep_alive);
  EXPECT_TRUE(read("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").head().keep_alive);
  EXPECT_FALSE(read("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").head().keep_alive);
}

TEST(HeadReader, RefusesWhatIsTooLong) {
  EXPECT_EQ(status_of(read("GET /" + std::string(5'000, 'a'))), 414);
  EXPECT_EQ(read_target("/" + std::string(HeadReader::kMaxTargetBytes - 1, 'a')).state(),
            State::kWhole);
  EXPECT_EQ(status_of(read("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'a'))), 431);
  EXPECT_EQ(read_fields("X: " + std::string(8'000, 'a') + "\r\n").state(), State::kWhole);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "X: a\r\n";
  EXPECT_EQ(status_of(read_fields(many)), 431);
  std::string long_head;
  for (int i = 0; i < 20; ++i) long_head += "X: " + std::string(1'000, 'a') + "\r\n";
  EXPECT_EQ(status_of(read_fields(long_head)), 431);
}

// However a head is cut, it is read the same.
TEST(HeadReader, DoesNotMindHowTheBytesCome) {
  for (const std::string& text :
       {std::string("\r\nGET http://h/a?b HTTP/1.1\r\nHost: x\r\nAccept: a\r\nAccept: b\r\n"
                    "Connection: TE, close\r\n\r\nrest"),
        std::string("GET / HTTP/1.1\r\nX: a\nRange: b\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n")}) {
    const auto whole = read(text);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      HeadReader reader;
      const std::size_t taken = reader.read(std::string_view(text).substr(0, cut));
      reader.read(std::string_view(text).substr(taken));
      ASSERT_EQ(reader.state(), whole.state()) << cut;
      EXPECT_EQ(reader.head().target, whole.head().target);
      EXPECT_EQ(reader.head().accept, whole.head().accept);
      EXPECT_EQ(reader.head().keep_alive, whole.head().keep_alive);
      EXPECT_EQ(reader.refusal().reason, whole.refusal().reason);
    }
    HeadReader by_byte;
    for (const char c : text) by_byte.read(std::string_view(&c, 1));
    EXPECT_EQ(by_byte.state(), whole.state());
    EXPECT_EQ(by_byte.head().target, whole.head().target);
  }
}

}  // namespace
