// Writes messages in the wire format of protocol buffers: of their types only what is needed here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace expose {

// One message. As in proto3, a number of 0 is left out: a reader takes what is absent for it.
class ProtobufWriter {
 public:
  // int64, uint64 or bool.
  void number(std::uint32_t field, std::uint64_t value) {
    if (value == 0) return;
    varint(tag(field, kVarint));
    varint(value);
  }

  // string or bytes; also an empty one, which counts in a repeated field.
  void text(std::uint32_t field, std::string_view value) {
    varint(tag(field, kLengthDelimited));
    varint(value.size());
    bytes_ += value;
  }

  void message(std::uint32_t field, const ProtobufWriter& value) { text(field, value.bytes_); }

  // repeated int64 or uint64.
  void packed(std::uint32_t field, const std::vector<std::uint64_t>& values) {
    if (values.empty()) return;
    ProtobufWriter written;
    for (const std::uint64_t value : values) written.varint(value);
    message(field, written);
  }

  const std::string& bytes() const { return bytes_; }

 private:
  enum WireType : std::uint32_t { kVarint = 0, kLengthDelimited = 2 };

  static std::uint64_t tag(std::uint32_t field, WireType type) { return field << 3U | type; }

  // Seven bits a byte, the lowest first; the eighth says that more follow.
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

}  // namespace expose
