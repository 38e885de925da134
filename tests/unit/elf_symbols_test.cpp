// Symbols of a file that a linker made (this test itself), and of tables that nobody made.
#include "elf/symbols.h"

#include <elf.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

extern "C" {
extern std::uint64_t elf_symbols_test_object;
std::uint64_t elf_symbols_test_object = 77;
[[gnu::used, gnu::noinline]] int elf_symbols_test_function();
int elf_symbols_test_function() {
  return static_cast<int>(elf_symbols_test_object);
}
}

namespace {

elf::ElfFile file_in(base::UniqueFd fd, const std::string& name) {
  auto file = elf::ElfFile::open(std::move(fd), name);
  if (!file) throw std::runtime_error(file.error().message);
  return std::move(*file);
}

elf::ElfFile own_file() {
  return file_in(base::UniqueFd(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC)), "this test");
}

TEST(FindSymbol, FindsObjectsAndFunctionsOfThisTest) {
  const auto file = own_file();
  EXPECT_FALSE(elf::is_stripped(file));
  const auto object = elf::find_symbol(file, "elf_symbols_test_object");
  const auto function = elf::find_symbol(file, "elf_symbols_test_function");
  ASSERT_TRUE(object && function);
  EXPECT_EQ(object->size_bytes, sizeof elf_symbols_test_object);
  EXPECT_GT(function->size_bytes, 0u);
  // Loaded at one bias.
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&elf_symbols_test_object) - object->address,
            reinterpret_cast<std::uintptr_t>(&elf_symbols_test_function) - function->address);
}

TEST(FindSymbol, KnowsNothingOfWhatIsElsewhereOrNowhere) {
  const auto file = own_file();
  for (const char* name : {"", "elf_symbols_test", "elf_symbols_test_object2", "getpid", "\xff"}) {
    EXPECT_FALSE(elf::find_symbol(file, name)) << name;
  }
}

// An ELF file of two sections: symbols and their names.
class SymbolFile {
 public:
  SymbolFile(std::string symbols_name, std::string names_name)
      : symbols_name_(std::move(symbols_name)), names_name_(std::move(names_name)) {}

  void add(const std::string& name, std::uint64_t address, unsigned char type,
           std::uint16_t section) {
    Elf64_Sym symbol{};
    symbol.st_name = static_cast<Elf64_Word>(names.size());
    symbol.st_info = static_cast<unsigned char>(ELF64_ST_INFO(STB_GLOBAL, type));
    symbol.st_shndx = section;
    symbol.st_value = address;
    symbol.st_size = 8;
    names += name + '\0';
    symbols.append(reinterpret_cast<const char*>(&symbol), sizeof symbol);
  }

  std::string bytes() const {
    std::string texts("\0", 1);
    std::vector<Elf64_Shdr> headers(4);
    std::string body;
    const auto place = [&](Elf64_Shdr& header, const std::string& name, Elf64_Word type,
                           const std::string& content) {
      header.sh_name = static_cast<Elf64_Word>(texts.size());
      header.sh_type = type;
      header.sh_offset = sizeof(Elf64_Ehdr) + body.size();
      header.sh_size = content.size();
      header.sh_addralign = 1;
      texts += name + '\0';
      body += content;
    };
    place(headers[1], symbols_name_, SHT_PROGBITS, symbols);
    place(headers[2], names_name_, SHT_STRTAB, names);
    texts += std::string(".shstrtab") + '\0';
    headers[3].sh_name = static_cast<Elf64_Word>(texts.size() - 10);
    headers[3].sh_type = SHT_STRTAB;
    headers[3].sh_offset = sizeof(Elf64_Ehdr) + body.size();
    headers[3].sh_size = texts.size();
    headers[3].sh_addralign = 1;
    body += texts;
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_DYN;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = static_cast<Elf64_Half>(headers.size());
    header.e_shstrndx = 3;
    body.resize((body.size() + 7) / 8 * 8);
    header.e_shoff = sizeof header + body.size();
    return std::string(reinterpret_cast<const char*>(&header), sizeof header) + body +
           std::string(reinterpret_cast<const char*>(headers.data()),
                       headers.size() * sizeof(Elf64_Shdr));
  }

  elf::ElfFile open() const {
    base::UniqueFd fd(::memfd_create("symbols", MFD_CLOEXEC));
    const std::string content = bytes();
    EXPECT_EQ(::write(fd.get(), content.data(), content.size()),
              static_cast<ssize_t>(content.size()));
    return file_in(std::move(fd), "symbols");
  }

  std::string symbols;
  std::string names{"\0", 1};

 private:
  std::string symbols_name_;
  std::string names_name_;
};

// Each symbol's name would be searched for its end through the whole table.
TEST(FindSymbol, TakesNoLongerWhereNoNameEnds) {
  SymbolFile file(".symtab", ".strtab");
  for (int i = 0; i < 100'000; ++i) file.add("", 0x10, STT_FUNC, 1);
  file.names.assign(12 * 1024 * 1024, 'x');
  const auto opened = file.open();
  EXPECT_FALSE(elf::find_symbol(opened, "counters"));
  EXPECT_FALSE(elf::find_symbol(opened, std::string(1000, 'x')));
}

TEST(FindSymbol, TakesDynamicSymbolsOfAStrippedFile) {
  SymbolFile file(".dynsym", ".dynstr");
  file.add("counters", 0x4000, STT_OBJECT, 1);
  const auto opened = file.open();
  EXPECT_TRUE(elf::is_stripped(opened));
  const auto symbol = elf::find_symbol(opened, "counters");
  ASSERT_TRUE(symbol);
  EXPECT_EQ(symbol->address, 0x4000u);
  EXPECT_EQ(symbol->size_bytes, 8u);
}

TEST(FindSymbol, LeavesOutWhatTheFileDoesNotDefineAndWhatIsNoPlace) {
  SymbolFile file(".symtab", ".strtab");
  file.add("imported", 0, STT_FUNC, SHN_UNDEF);
  file.add("per_thread", 0x10, STT_TLS, 1);
  file.add("untyped", 0x20, STT_NOTYPE, 1);
  file.add("source.c", 0, STT_FILE, SHN_ABS);
  file.add("function", 0x30, STT_FUNC, 1);
  const auto opened = file.open();
  for (const char* name : {"imported", "per_thread", "untyped", "source.c"}) {
    EXPECT_FALSE(elf::find_symbol(opened, name)) << name;
  }
  EXPECT_TRUE(elf::find_symbol(opened, "function"));
}

TEST(FindSymbol, LeavesOutNamesThatDoNotEndInTheirTable) {
  SymbolFile file(".symtab", ".strtab");
  file.add("cut", 0x10, STT_OBJECT, 1);
  file.names.pop_back();
  EXPECT_FALSE(elf::find_symbol(file.open(), "cut"));
  file.names.clear();
  EXPECT_FALSE(elf::find_symbol(file.open(), "cut"));
}

TEST(FindSymbol, LeavesOutAnEntryThatIsCut) {
  SymbolFile file(".symtab", ".strtab");
  file.add("whole", 0x10, STT_OBJECT, 1);
  file.add("cut", 0x20, STT_OBJECT, 1);
  file.symbols.pop_back();
  const auto opened = file.open();
  EXPECT_TRUE(elf::find_symbol(opened, "whole"));
  EXPECT_FALSE(elf::find_symbol(opened, "cut"));
}

TEST(FindSymbol, SurvivesAnyTables) {
  std::mt19937 random(1);
  for (int round = 0; round < 2'000; ++round) {
    SymbolFile file(".symtab", ".strtab");
    for (std::size_t i = random() % 8; i > 0; --i) file.add("name", random(), STT_OBJECT, 1);
    for (char& byte : file.symbols) {
      if (random() % 8 == 0) byte = static_cast<char>(random());
    }
    if (!file.symbols.empty()) file.symbols.resize(random() % file.symbols.size());
    file.names.resize(random() % (file.names.size() + 1));
    static_cast<void>(elf::find_symbol(file.open(), "name"));
  }
}

}  // namespace
