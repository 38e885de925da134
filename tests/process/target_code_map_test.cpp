// The code of a process that maps what it likes, and how it likes. Ours is that process.
#include "target/code_map.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "elf/elf_file.h"
#include "elf/function_table.h"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPage = 4096;

// A mapping of this process that ends with the object.
class Mapped {
 public:
  Mapped(const fs::path& path, std::size_t bytes, std::uint64_t offset = 0) : bytes_(bytes) {
    const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    memory_ = ::mmap(nullptr, bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd.get(),
                     static_cast<off_t>(offset));
    if (memory_ == MAP_FAILED) throw std::runtime_error("mmap " + path.string());
  }
  ~Mapped() {
    if (memory_ != nullptr) ::munmap(memory_, bytes_);
  }
  Mapped(Mapped&& other) noexcept
      : bytes_(other.bytes_), memory_(std::exchange(other.memory_, nullptr)) {}
  Mapped& operator=(Mapped&&) = delete;

  std::uint64_t address() const { return reinterpret_cast<std::uint64_t>(memory_); }

 private:
  std::size_t bytes_;
  void* memory_ = nullptr;
};

class CodeMapOfSelf : public testing::Test {
 protected:
  CodeMapOfSelf() {
    std::string name = (fs::temp_directory_path() / "code-map-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~CodeMapOfSelf() override { fs::remove_all(directory_); }

  static target::CodeMap read() {
    auto map = target::read_code_map("/proc", ::getpid());
    if (!map) throw std::runtime_error(map.error().message);
    return std::move(*map);
  }
  fs::path copy_of_puppet(const std::string& name) const {
    fs::copy_file(VALKYRIA_PUPPET_DIR "/stack_puppet", directory_ / name);
    return directory_ / name;
  }
  static const target::CodeMapping* find(const target::CodeMap& map, std::uint64_t address) {
    for (const auto& mapping : map.mappings) {
      if (mapping.begin <= address && address < mapping.end) return &mapping;
    }
    return nullptr;
  }
  static elf::ElfFile look_into(const fs::path& path) {
    auto file =
        elf::ElfFile::open(base::UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), path);
    if (!file) throw std::runtime_error(file.error().message);
    return std::move(*file);
  }
  // The page of a file that its code begins in.
  static std::uint64_t code_page_of(const fs::path& path) {
    const elf::ElfFile file = look_into(path);
    for (const auto& segment : file.segments()) {
      if (segment.is_code) return segment.offset / kPage * kPage;
    }
    throw std::runtime_error("no code");
  }

  fs::path directory_;
};

TEST_F(CodeMapOfSelf, SaysWhereFunctionsWereLinked) {
  const target::CodeMap map = read();
  const auto address = reinterpret_cast<std::uint64_t>(&target::read_code_map);
  const target::CodeMapping* const mapping = find(map, address);
  ASSERT_NE(mapping, nullptr);
  const auto& code = map.files.at(mapping->file);
  EXPECT_EQ(code.file.path, fs::read_symlink("/proc/self/exe").string());
  EXPECT_FALSE(code.build_id.empty());
  const elf::ElfFile file = look_into("/proc/self/exe");
  const elf::FunctionTable functions(file, nullptr);
  const auto found = functions.find(address - mapping->bias);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->begin, address - mapping->bias);
  EXPECT_NE(found->name.find("read_code_map"), std::string_view::npos);
  EXPECT_TRUE(std::is_sorted(map.mappings.begin(), map.mappings.end(),
                             [](const auto& a, const auto& b) { return a.begin < b.begin; }));
}

TEST_F(CodeMapOfSelf, HasFilesThatWereDeleted) {
  const fs::path path = copy_of_puppet("deleted");
  const std::uint64_t page = code_page_of(path);
  const Mapped mapped(path, kPage, page);
  fs::remove(path);
  std::ofstream(path) << "another file";
  const target::CodeMap map = read();
  const auto* const mapping = find(map, mapped.address());
  ASSERT_NE(mapping, nullptr);
  EXPECT_EQ(map.files.at(mapping->file).file.path.rfind(path.string(), 0), 0u);
  EXPECT_FALSE(map.files.at(mapping->file).build_id.empty());
}

TEST_F(CodeMapOfSelf, LeavesOutWhatIsNoCode) {
  const std::size_t before = read().left_out;
  const fs::path path = directory_ / "text";
  std::ofstream(path) << std::string(8 * kPage, 'x');
  std::vector<Mapped> mapped;
  for (std::uint64_t page = 0; page < 6; page += 2) mapped.emplace_back(path, kPage, page * kPage);
  const target::CodeMap map = read();
  EXPECT_EQ(map.left_out, before + 3);
  for (const Mapped& one : mapped) EXPECT_EQ(find(map, one.address()), nullptr);
}

TEST_F(CodeMapOfSelf, LeavesOutAPlaceThatNoSegmentIsFor) {
  const fs::path path = copy_of_puppet("tail");
  fs::resize_file(path, 100 * kPage);
  const Mapped mapped(path, kPage, 90 * kPage);
  const target::CodeMap map = read();
  EXPECT_EQ(find(map, mapped.address()), nullptr);
  EXPECT_GE(map.left_out, 1u);
}

TEST_F(CodeMapOfSelf, HasNoMoreFilesThanItsLimit) {
  std::vector<Mapped> mapped;
  const std::uint64_t page = code_page_of(VALKYRIA_PUPPET_DIR "/stack_puppet");
  for (int i = 0; i < 70; ++i) {
    mapped.emplace_back(copy_of_puppet(std::to_string(i)), kPage, page);
  }
  const target::CodeMap map = read();
  EXPECT_LE(map.files.size(), 64u);
  EXPECT_GE(map.files.size(), 60u);
  EXPECT_GE(map.left_out, 6u);
  for (const auto& mapping : map.mappings) EXPECT_LT(mapping.file, map.files.size());
}

TEST_F(CodeMapOfSelf, TakesManyMappingsOfOneFile) {
  constexpr std::size_t kMany = 3'000;
  const fs::path path = copy_of_puppet("many");
  const std::uint64_t page = code_page_of(path);
  std::vector<Mapped> mapped;
  for (std::size_t i = 0; i < kMany; ++i) mapped.emplace_back(path, kPage, page);
  const target::CodeMap map = read();
  EXPECT_GE(map.mappings.size(), kMany);
  std::set<std::uint64_t> biases;
  for (const Mapped& one : mapped) {
    const auto* const mapping = find(map, one.address());
    ASSERT_NE(mapping, nullptr);
    biases.insert(one.address() - mapping->bias);
  }
  EXPECT_EQ(biases.size(), 1u) << "all have the same place in the file";
}

TEST_F(CodeMapOfSelf, FailsWhereTheProcessHasEnded) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  const auto map = target::read_code_map("/proc", child);
  ASSERT_FALSE(map);
  EXPECT_FALSE(map.error().message.empty());
}

}  // namespace
