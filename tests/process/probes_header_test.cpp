// The probe contract, read from the notes of binaries that compilers made.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "elf/usdt.h"
#include "probe/site_check.h"
#include "support/child_process.h"
#include "target/executable.h"

namespace {

namespace fs = std::filesystem;

std::vector<elf::UsdtSite> sites_of(const std::string& path) {
  auto executable = target::open_executable(path);
  if (!executable) throw std::runtime_error(executable.error().message);
  const auto file = elf::ElfFile::open(std::move(executable->fd), path);
  if (!file) throw std::runtime_error(file.error().message);
  auto sites = elf::read_usdt_sites(*file, probe::kProvider);
  if (!sites) throw std::runtime_error(sites.error().message);
  return std::move(*sites);
}

// Every probe is there, every site keeps the contract, and all sites of a probe share one
// semaphore that no other probe has.
void expect_contract(const std::string& path) {
  const auto sites = sites_of(path);
  for (const auto& refused : probe::check_sites(sites).refused) {
    ADD_FAILURE() << refused.probe << ": " << refused.reason;
  }
  std::map<std::string, std::set<std::uint64_t>> semaphores;
  std::set<std::uint64_t> all;
  for (const auto& site : sites) {
    semaphores[site.name].insert(site.semaphore_address);
    all.insert(site.semaphore_address);
  }
  for (const auto& spec : probe::contract()) {
    EXPECT_EQ(semaphores[std::string(spec.name)].size(), 1u) << spec.name;
  }
  EXPECT_EQ(all.size(), probe::contract().size());
}

TEST(ProbesHeader, GivesMinivalkEveryProbeOfTheContract) {
  expect_contract(VALKYRIA_BIN_DIR "/minivalk");
}

// Compiler and flags, as one line.
class ProbesHeaderWith : public testing::TestWithParam<const char*> {
 protected:
  ProbesHeaderWith() {
    std::string path = (fs::temp_directory_path() / "valkyria-probes-XXXXXX").string();
    directory_ = ::mkdtemp(path.data());
  }
  ~ProbesHeaderWith() override { fs::remove_all(directory_); }

  fs::path directory_;
};

TEST_P(ProbesHeaderWith, MakesSitesThatKeepTheContractAndComputeNothing) {
  const std::string binary = (directory_ / "all_probes").string();
  const std::string compile = std::string(GetParam()) +
                              " -Wall -Wextra -Werror -I " VALKYRIA_SOURCE_DIR "/include -o " +
                              binary + " " VALKYRIA_SOURCE_DIR "/tests/puppets/all_probes.c";
  test::ChildProcess compiler("/bin/sh", {"-c", compile}, test::Stderr::kCaptured);
  ASSERT_EQ(compiler.wait(test::soon()), (test::ExitStatus{.signalled = false, .code = 0}))
      << compile << "\n"
      << compiler.stderr_text();
  expect_contract(binary);
  test::ChildProcess run(binary, {});
  EXPECT_EQ(run.wait(test::soon()), (test::ExitStatus{.signalled = false, .code = 0}));
}

INSTANTIATE_TEST_SUITE_P(Compilers, ProbesHeaderWith,
                         testing::Values("gcc -std=gnu11 -O0", "gcc -std=gnu11 -O2 -flto",
                                         "gcc -std=c2x -O3", "gcc -std=gnu11 -O2 -no-pie",
                                         "gcc -std=gnu11 -O1 -fsanitize=address",
                                         "g++ -x c++ -std=c++11 -O2", "g++ -x c++ -std=c++20 -O2",
                                         "clang -std=gnu11 -O0", "clang -std=c2x -O3",
                                         "clang -std=gnu11 -O2 -fPIE -pie",
                                         "clang++ -x c++ -std=c++20 -O2"));

TEST(ProbesHeader, CompilesToNothingWhenTurnedOff) {
  const std::string compile =
      "gcc -std=c11 -Wpedantic -Wall -Werror -Wno-unused -DVALKYRIA_NO_PROBES "
      "-I " VALKYRIA_SOURCE_DIR "/include -S -o - " VALKYRIA_SOURCE_DIR
      "/tests/puppets/all_probes.c | grep -c -e stapsdt -e semaphore";
  test::ChildProcess compiler("/bin/sh", {"-c", compile});
  EXPECT_EQ(compiler.read_line(test::soon()), "0");
}

}  // namespace
