// Heads of requests, from anybody who can reach the port. The first byte says where the bytes are
// split between two packets.
#include "fuzz/bytes.h"
#include "fuzz/require.h"
#include "http/request_head.h"

namespace {

using fuzz::require;
using http::HeadReader;
using http::RequestHead;
using State = http::HeadReader::State;

bool are_same(const RequestHead& a, const RequestHead& b) {
  return a.method == b.method && a.target == b.target && a.is_http_1_0 == b.is_http_1_0 &&
         a.keep_alive == b.keep_alive && a.has_body == b.has_body && a.accept == b.accept &&
         a.accept_encoding == b.accept_encoding && a.scrape_timeout == b.scrape_timeout;
}

// Two readers that disagree about one head are how requests are smuggled.
void require_same(const HeadReader& one, const HeadReader& other) {
  require(one.state() == other.state(), "a head means one thing, however it is split");
  require(one.has_begun() == other.has_begun(), "a request has begun or has not");
  if (one.state() == State::kWhole) {
    require(are_same(one.head(), other.head()), "a head says one thing, however it is split");
  }
  if (one.state() == State::kRefused) {
    require(one.refusal().status == other.refusal().status, "a head is refused for one reason");
  }
}

void check_splits(std::string_view bytes, std::size_t split, const HeadReader& whole,
                  std::size_t taken) {
  HeadReader halves;
  std::size_t taken_in_halves = halves.read(bytes.substr(0, split));
  if (taken_in_halves == split) taken_in_halves += halves.read(bytes.substr(split));
  require(taken_in_halves == taken, "a head ends in one place, however it is split");
  require_same(whole, halves);
  HeadReader single;
  for (std::size_t i = 0; i < taken; ++i) {
    require(single.state() == State::kPartial, "a head is not done before its end");
    require(single.read(bytes.substr(i, 1)) == 1, "a byte is taken");
  }
  require_same(whole, single);
}

std::string name_of(http::Method method) {
  switch (method) {
    case http::Method::kGet:
      return "GET";
    case http::Method::kHead:
      return "HEAD";
    case http::Method::kOptions:
      return "OPTIONS";
    case http::Method::kOther:
      return "POST";
  }
  return {};
}

std::string text_of(const RequestHead& head) {
  std::string text = name_of(head.method) + " " + head.target;
  text += head.is_http_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\nHost: x\r\n";
  text += head.keep_alive ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
  if (head.has_body) text += "Content-Length: 1\r\n";
  text += "Accept: " + head.accept + "\r\nAccept-Encoding: " + head.accept_encoding;
  text += "\r\nX-Prometheus-Scrape-Timeout-Seconds: " + head.scrape_timeout + "\r\n\r\n";
  return text;
}

void check_head(const RequestHead& head) {
  require(!head.target.empty(), "there is a target");
  require(head.target.front() == '/' || head.target == "*", "a target is a path");
  require(head.target.size() <= HeadReader::kMaxTargetBytes + 1, "targets are limited");
  for (const std::string* const text :
       {&head.target, &head.accept, &head.accept_encoding, &head.scrape_timeout}) {
    for (const char c : *text) {
      const auto byte = static_cast<unsigned char>(c);
      require((byte >= 0x20 && byte != 0x7F) || c == '\t', "no control character comes in");
    }
    // Several fields can be longer together than one may be, and end in one that is empty.
    if (text->size() > HeadReader::kMaxFieldBytes / 2 || text->ends_with(", ")) return;
  }
  HeadReader again;
  const std::string written = text_of(head);
  again.read(written);
  require(again.state() == State::kWhole, "a head that is written is read");
  require(are_same(again.head(), head), "a head that is written is read as it was");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = fuzz::text_of(data, size).substr(1);
  HeadReader reader;
  const std::size_t taken = reader.read(bytes);
  require(taken <= bytes.size(), "no more is taken than there is");
  require(taken <= HeadReader::kMaxHeadBytes + 1, "heads are limited");
  check_splits(bytes, std::min<std::size_t>(data[0], bytes.size()), reader, taken);
  if (reader.state() == State::kPartial) {
    require(taken == bytes.size(), "a head that goes on takes everything");
    return 0;
  }
  require(reader.read(bytes) == 0, "nothing is taken behind the end");
  if (reader.state() == State::kRefused) {
    const int status = reader.refusal().status;
    require(status >= 400 && status < 600 && !reader.refusal().reason.empty(), "a refusal is one");
    return 0;
  }
  require(bytes.substr(0, taken).ends_with("\r\n\r\n"), "a head ends in an empty line");
  check_head(reader.head());
  return 0;
}
