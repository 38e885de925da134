// What the compiler put into what, as its debug information tells.
#include "elf/inline_functions.h"

#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf/symbols.h"
#include "elf_support.h"
#include "support/deadline.h"

namespace {

namespace fs = std::filesystem;
using elf::InlineFunctions;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string& puppet() {
  static const std::string path = test::puppet_path("inline_puppet");
  return path;
}

std::optional<InlineFunctions> open(const std::string& path) {
  return InlineFunctions::open(base::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
}

std::optional<InlineFunctions> open_bytes(const std::string& bytes) {
  base::UniqueFd fd(::memfd_create("damaged", MFD_CLOEXEC));
  EXPECT_EQ(::write(fd.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  return InlineFunctions::open(std::move(fd));
}

std::uint64_t address_of(const char* symbol) {
  const auto found = elf::find_symbol(test::open_elf(puppet()), symbol);
  if (!found) throw std::runtime_error(std::string("no ") + symbol);
  return found->address;
}

// "name:line", the innermost first.
std::vector<std::string> chain_at(const InlineFunctions& functions, std::uint64_t address) {
  std::vector<std::string> chain;
  for (const elf::SourceFunction& function : functions.at(address)) {
    chain.push_back(function.name + ":" + std::to_string(function.line));
  }
  return chain;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(InlinedFunctions, AreThoseThatAPlaceWasPutInto) {
  const auto functions = open(puppet());
  ASSERT_TRUE(functions);
  EXPECT_THAT(chain_at(*functions, address_of("place_innermost")),
              ElementsAre("innermost:102", "middle:202", "outermost:302"));
  EXPECT_THAT(chain_at(*functions, address_of("place_middle")),
              ElementsAre("middle:201", "outermost:302"));
  EXPECT_THAT(chain_at(*functions, address_of("place_outermost")), ElementsAre("outermost:301"));
  for (const elf::SourceFunction& function : functions->at(address_of("place_innermost"))) {
    EXPECT_TRUE(function.file.ends_with("inline_puppet.c")) << function.file;
    EXPECT_EQ(function.linkage_name, "") << "of C";
  }
}

TEST(InlinedFunctions, OfAnAddressWithoutCodeAreNone) {
  const auto functions = open(puppet());
  ASSERT_TRUE(functions);
  for (const std::uint64_t address :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x10'0000'0000}, ~std::uint64_t{0}}) {
    EXPECT_THAT(functions->at(address), IsEmpty()) << address;
  }
  // Code that came without debug information: the C library's beginning.
  EXPECT_THAT(functions->at(address_of("_start")), IsEmpty());
}

TEST(InlinedFunctions, OfAFileWithoutDebugInformationAreNone) {
  const test::TemporaryDirectory directory;
  const fs::path stripped = directory.path() / "stripped";
  test::ChildProcess strip("/usr/bin/strip", {"-o", stripped.string(), puppet()});
  const auto status = strip.wait(test::soon());
  ASSERT_TRUE(status && status->code == 0);
  EXPECT_FALSE(open(stripped));
  EXPECT_FALSE(open("/dev/null"));
  EXPECT_FALSE(open("/proc/self/maps"));
  EXPECT_FALSE(InlineFunctions::open(base::UniqueFd()));
}

TEST(InlinedFunctions, OfAFileThatWasCutAreSomeOrNone) {
  const std::string whole = bytes_of(puppet());
  const std::uint64_t address = address_of("place_innermost");
  for (std::size_t part = 0; part < 64; ++part) {
    const auto functions = open_bytes(whole.substr(0, whole.size() * part / 64));
    if (functions) {
      EXPECT_LE(functions->at(address).size(), 3u);
    }
  }
}

// Of its sections nothing is left but their headers.
TEST(InlinedFunctions, OfAFileThatWasEmptiedAreNone) {
  std::string bytes = bytes_of(puppet());
  std::fill(bytes.begin() + 4'096, bytes.end() - 4'096, '\0');
  const auto functions = open_bytes(bytes);
  if (functions) {
    EXPECT_THAT(functions->at(address_of("place_innermost")), IsEmpty());
  }
}

}  // namespace
