// Rows that are kept are those that are asked for.
#include "profile/row_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <random>

#include "target/code_map.h"

namespace {

elf::CallFrames frames_of(const target::CodeFile& code) {
  auto frames =
      elf::CallFrames::open(base::UniqueFd(::fcntl(code.file.fd.get(), F_DUPFD_CLOEXEC, 0)));
  if (!frames) throw std::runtime_error(frames.error().message);
  return std::move(*frames);
}

bool is_same(const elf::UnwindRow& a, const elf::UnwindRow& b) {
  return a.frame.base == b.frame.base && a.frame.offset == b.frame.offset && a.end == b.end;
}

// Whatever was asked before: a row of libdw's may seem to begin before it does.
TEST(RowCache, TellsWhatTheFileSays) {
  const auto map = target::read_code_map("/proc", ::getpid());
  ASSERT_TRUE(map) << map.error().message;
  std::mt19937_64 random(1);  // always the same
  for (const target::CodeMapping& mapping : map->mappings) {
    const target::CodeFile& code = map->files[mapping.file];
    profile::RowCache cache(frames_of(code));
    const elf::CallFrames frames = frames_of(code);
    for (int i = 0; i < 20'000; ++i) {
      const std::uint64_t address =
          mapping.begin - mapping.bias + random() % (mapping.end - mapping.begin);
      const elf::UnwindRow* const kept = cache.row_at(address);
      const auto row = frames.row_at(address);
      ASSERT_EQ(kept != nullptr, row.has_value()) << code.file.path << " " << address;
      if (row) {
        ASSERT_TRUE(is_same(*kept, *row)) << code.file.path << " " << address;
      }
    }
  }
}

}  // namespace
