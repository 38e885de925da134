#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <string>

#include "base/gzip.h"

namespace {

// What zlib makes of one gzip member; fails the test where it isn't one, whole and alone.
std::string unpacked(const std::string& compressed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string input = compressed;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  std::string text;
  int result = Z_OK;
  while (result == Z_OK) {
    std::string chunk(64 * 1024, '\0');
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(chunk, 0, chunk.size() - stream.avail_out);
  }
  EXPECT_EQ(result, Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0U);
  inflateEnd(&stream);
  return text;
}

std::string noise(std::size_t size) {
  std::string bytes;
  std::uint32_t seed = 7;
  while (bytes.size() < size) {
    seed = seed * 1'664'525 + 1'013'904'223;
    bytes += static_cast<char>(seed >> 24);
  }
  return bytes;
}

TEST(Gzip, GivesBackWhatWentIn) {
  std::string scrape;
  for (int i = 0; i < 2'000; ++i) {
    scrape += "http_requests_total{server=\"0.0.0.0\",status=\"2xx\"} " + std::to_string(i) + '\n';
  }
  // Less and more than the chunk in which it is collected, and what can't be compressed.
  for (const std::string& text : {std::string(), std::string("a"), std::string("a\0b", 3), scrape,
                                  noise(1'000), noise(16 * 1'024), noise(1'000'000)}) {
    const auto compressed = base::gzip(text);
    ASSERT_TRUE(compressed);
    EXPECT_EQ(unpacked(*compressed), text);
  }
}

TEST(Gzip, MakesAScrapeMuchSmaller) {
  std::string scrape;
  for (int i = 0; i < 2'000; ++i) {
    scrape += "http_requests_total{server=\"0.0.0.0\",status=\"2xx\"} " + std::to_string(i) + '\n';
  }
  EXPECT_LT(base::gzip(scrape)->size(), scrape.size() / 8);
}

}  // namespace
