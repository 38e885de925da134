#include "base/gzip.h"

#include <zlib.h>

#include <array>
#include <limits>
#include <memory>

namespace base {
namespace {

// A scrape must cost little CPU. Measured on 124 KB of our own text: level 1 makes 10.1 KB of it in
// 0.23 ms, level 6 8.0 KB in 1.03 ms. Everything else about that scrape takes 0.36 ms.
constexpr int kLevel = 1;
constexpr int kWindowBits = 15 + 16;  // the largest window; 16 asks for gzip's format
// Tables that stay in the cache: zlib's 8 takes a sixth longer and makes nothing smaller.
constexpr int kMemoryLevel = 5;

}  // namespace

std::optional<std::string> gzip(std::string_view text) {
  if (text.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return std::nullopt;
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, deflateEnd);
  // zlib only reads it.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  std::array<Bytef, 16 * 1024> chunk;
  std::string compressed;
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = chunk.data();
    stream.avail_out = chunk.size();
    result = deflate(&stream, Z_FINISH);
    compressed.append(reinterpret_cast<const char*>(chunk.data()), chunk.size() - stream.avail_out);
  }
  if (result != Z_STREAM_END) return std::nullopt;
  return compressed;
}

std::optional<std::string> gunzip(std::string_view compressed, std::size_t max_bytes) {
  if (compressed.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
  z_stream stream{};
  if (inflateInit2(&stream, kWindowBits) != Z_OK) return std::nullopt;
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::array<Bytef, 16 * 1024> chunk;
  std::string text;
  int result = Z_OK;
  while (result == Z_OK && text.size() <= max_bytes) {
    stream.next_out = chunk.data();
    stream.avail_out = chunk.size();
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(reinterpret_cast<const char*>(chunk.data()), chunk.size() - stream.avail_out);
  }
  if (result != Z_STREAM_END || text.size() > max_bytes) return std::nullopt;
  return text;
}

}  // namespace base
