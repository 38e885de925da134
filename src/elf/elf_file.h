// An ELF file that is open for questions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

struct Elf;  // libelf's, which nobody outside this room needs

namespace elf {

// A part of the file that is loaded into memory. `address` is as linked.
struct Segment {
  std::uint64_t address = 0;
  std::uint64_t offset = 0;
  std::uint64_t file_size = 0;
  bool is_code = false;
};

// Owns the descriptor and libelf's view of it. The file is read, never mapped: a file that is cut
// while we look at it gives short reads, not SIGBUS. Everything in it is untrusted.
// One thread at a time.
class ElfFile {
 public:
  // Takes `fd`, open for reading; `name` is for messages. Fails unless it is a 64-bit x86-64
  // executable or shared object.
  static base::Result<ElfFile> open(base::UniqueFd fd, std::string name);

  const std::string& name() const { return name_; }
  int fd() const { return fd_.get(); }

  // No section that we read is larger in an honest file. A sparse file may claim any size.
  static constexpr std::uint64_t kMaxSectionBytes = 16 * 1024 * 1024;
  // Honest files have about a dozen program headers and some dozens of sections.
  static constexpr std::size_t kMaxHeaders = 4096;

  struct Section {
    std::uint64_t address = 0;
    std::string_view bytes;  // lives as long as the ElfFile; empty for SHT_NOBITS
  };
  // The first section of that name, if there is one of at most kMaxSectionBytes.
  std::optional<Section> section(std::string_view section_name) const;

  // Where the byte at `address` (as linked) stands in the file, if a loaded segment has it there.
  std::optional<std::uint64_t> file_offset(std::uint64_t address) const;

  // The same for code: data is never at such a place.
  std::optional<std::uint64_t> code_offset(std::uint64_t address) const;

  // The segments that are loaded, in the file's order.
  const std::vector<Segment>& segments() const { return segments_; }

  // Reads `size` bytes at a file offset; fewer at the end of the file.
  std::string read_at(std::uint64_t offset, std::size_t size) const;

 private:
  struct EndHandle {
    void operator()(Elf* handle) const;
  };
  using Handle = std::unique_ptr<Elf, EndHandle>;

  ElfFile(std::string name, base::UniqueFd fd, Handle handle, std::vector<Segment> segments);

  const Segment* find_segment(std::uint64_t address) const;

  std::string name_;
  base::UniqueFd fd_;  // before handle_: libelf reads through it until elf_end
  Handle handle_;
  std::vector<Segment> segments_;
};

}  // namespace elf
