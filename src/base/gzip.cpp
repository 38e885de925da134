#include "base/gzip.h"

#include <libdeflate.h>
#include <zlib.h>

#include <array>
#include <limits>
#include <memory>

namespace base {
namespace {

// A scrape must cost little CPU. Measured on 2.9 MB of our own text: level 1 makes 145 KB of it in
// 4.4 ms, level 2 143 KB in 9 ms, and zlib's level 1 160 KB in 6 ms.
constexpr int kLevel = 1;
constexpr int kWindowBits = 15 + 16;  // the largest window; 16 asks for gzip's format

}  // namespace

std::optional<std::string> gzip(std::string_view text) {
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(kLevel), libdeflate_free_compressor);
  if (!compressor) return std::nullopt;
  const std::size_t capacity = libdeflate_gzip_compress_bound(compressor.get(), text.size());
  // Not a string: that would touch all of it, for a twentieth that is written.
  const auto buffer = std::make_unique_for_overwrite<char[]>(capacity);
  const std::size_t size =
      libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), buffer.get(), capacity);
  if (size == 0) return std::nullopt;
  return std::string(buffer.get(), size);
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
