// An executable of a target that wishes us ill, as the confined process reads it: call frames and
// symbols. The input says which bytes of a small honest one are others: where it is cut, then a
// section, a place in it and a byte, again and again.
//
// Debug information is not among it: libdw reads past the end of what is broken there. That this is
// the confined process's trouble alone, tests/process/profile_hostile_code_test.cpp shows.
#include "profile/code_file.h"

#include <elf.h>
#include <fuzzer/FuzzedDataProvider.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <set>

#include "fuzz/require.h"
#include "profile/found_stacks.h"

namespace {

using fuzz::require;

struct Part {
  std::size_t offset;
  std::size_t size;
};

// The honest file, with the places of its sections and the addresses of its functions.
struct Honest {
  std::string bytes;
  std::vector<Part> sections;
  std::vector<std::uint64_t> addresses{0, 1, ~std::uint64_t{0}};

  Honest() {
    std::ifstream file(VALKYRIA_PUPPET, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
    Elf64_Ehdr header;
    std::memcpy(&header, bytes.data(), sizeof header);
    sections = {{0, sizeof header},
                {header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr)},
                {header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr)}};
    for (std::size_t i = 0; i < header.e_shnum; ++i) {
      Elf64_Shdr section;
      std::memcpy(&section, bytes.data() + header.e_shoff + i * sizeof section, sizeof section);
      if (section.sh_type == SHT_NULL || section.sh_type == SHT_NOBITS) continue;
      if (section.sh_size > 0) sections.push_back({section.sh_offset, section.sh_size});
      if ((section.sh_flags & SHF_EXECINSTR) == 0) continue;
      for (std::uint64_t at = 0; at < section.sh_size; at += 7) {
        addresses.push_back(section.sh_addr + at);
      }
    }
  }
};

const Honest& honest() {
  static const Honest kHonest;
  return kHonest;
}

std::string changed(FuzzedDataProvider& input) {
  std::string bytes = honest().bytes;
  const std::size_t cut = input.ConsumeIntegral<std::uint16_t>();
  while (input.remaining_bytes() >= 4) {
    const auto& sections = honest().sections;
    const std::size_t which = input.ConsumeIntegral<std::uint8_t>();
    const Part& part = sections[which % sections.size()];
    const std::size_t place = input.ConsumeIntegral<std::uint16_t>();
    bytes[part.offset + place % part.size] = input.ConsumeIntegral<char>();
  }
  if (cut != 0 && cut < bytes.size()) bytes.resize(cut);
  return bytes;
}

base::UniqueFd file_of(const std::string& bytes) {
  base::UniqueFd fd(::memfd_create("code", MFD_CLOEXEC));
  const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
  require(written == static_cast<ssize_t>(bytes.size()), "the file could be made");
  return fd;
}

void check_row(const elf::UnwindRow& row, std::uint64_t address) {
  require(row.begin <= address && address < row.end, "a row is for its address");
  require(row.frame.base.has_value() == row.frame.expression.empty(),
          "a frame begins at a register or where an expression leads");
  require(!row.frame.base || *row.frame.base < elf::kRegisters, "it is a register that is there");
  for (const elf::RegisterRule& rule : row.registers) {
    require(rule.expression.size() <= 64, "expressions are limited");
    const bool needs_one = rule.kind == elf::RegisterRule::Kind::kSavedAt ||
                           rule.kind == elf::RegisterRule::Kind::kComputed;
    require(needs_one == !rule.expression.empty(), "who computes knows what");
  }
}

std::size_t check_file(profile::CodeFile& code) {
  std::size_t known = 0;
  for (const std::uint64_t address : honest().addresses) {
    if (const elf::UnwindRow* const row = code.row_at(address)) {
      check_row(*row, address);
      ++known;
    }
    const auto functions = code.functions_at(address);
    require(functions.size() <= profile::kMaxFoundLines, "functions of a place are limited");
    for (const elf::SourceFunction& function : functions) {
      require(!function.name.empty(), "a function has a name");
      require(function.name.size() <= profile::kMaxNameBytes, "names are limited");
    }
    known += functions.size();
  }
  return known;
}

}  // namespace

// libelf and libdw forget memory where a file is broken. Who reads such files soon ends.
// NOLINTNEXTLINE(bugprone-reserved-identifier): what the sanitizer looks for
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libelf.so\nleak:libdw.so\n";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  const std::string bytes = changed(input);
  profile::CodeFile code(file_of(bytes), {});
  const std::size_t known = check_file(code);
  require(bytes != honest().bytes || known >= honest().addresses.size(),
          "an honest file is understood");
  profile::CodeFile with_debug(file_of(honest().bytes), file_of(bytes));
  check_file(with_debug);
  return 0;
}
