// Memory of minivalk that is not as it should be.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "state_minivalk_support.h"

namespace test {
namespace {

TEST_F(MinivalkReader, FindsNobodyWhereNobodyHasStarted) {
  const auto readings = read();
  EXPECT_TRUE(readings.systems.empty());
  EXPECT_TRUE(readings.servers.empty());
  EXPECT_TRUE(readings.clients.empty());
  EXPECT_EQ(readings.gc.cycles, 0u);
}

TEST_F(MinivalkReader, FailsWhereCountsAreAboveTheirCapacity) {
  for (const auto& [name, capacity] :
       {std::pair{"system_count", 8u}, {"server_count", 16u}, {"client_count", 16u}}) {
    put(name, capacity);
    EXPECT_EQ(message(), "read") << name;
    for (const std::uint64_t wrong : {capacity + 1, 0xffff'ffffu}) {
      put(name, wrong);
      EXPECT_EQ(message(), fmt::format("read minivalk_runtime.{}: {} of at most {}: this is no "
                                       "minivalk",
                                       name, wrong, capacity));
    }
    put(name, 0);
  }
}

TEST_F(MinivalkReader, FailsWhereAPartIsNotMapped) {
  memory_.map(begin_, size_ - 1);
  EXPECT_EQ(message(), "read minivalk_runtime: a part of it is not mapped");
  memory_.end();
  EXPECT_EQ(message(), "read the memory of nobody: it has ended");
}

TEST_F(MinivalkReader, GoesOnWithoutWhatABuildDoesNotHave) {
  put("system_count", 1);
  put("server_count", 1);
  put("client_count", 1);
  const auto whole = state::make_reader(layout(), kBias);
  ASSERT_TRUE(whole);
  for (const elf::Field& gone : read_fields()) {
    state::Layout rest = layout();
    std::erase_if(rest.fields, [&](const elf::Field& other) { return other.path == gone.path; });
    const auto reader = state::make_reader(rest, kBias);
    ASSERT_TRUE(reader);
    EXPECT_TRUE((*reader)->read(memory_, {kNow})) << gone.path;
    const auto members = (*reader)->members();
    EXPECT_LT(members.size(), (*whole)->members().size()) << gone.path;
    EXPECT_FALSE(members.empty());
  }
}

TEST_F(MinivalkReader, SurvivesAnyMemory) {
  std::mt19937_64 random(1);
  int read = 0;
  for (int round = 0; round < 500; ++round) {
    std::vector<std::byte> bytes(size_);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    memory_.map(begin_, std::move(bytes));
    if (round % 4 != 0) {
      put("system_count", random() % 9);
      put("server_count", random() % 17);
      put("client_count", random() % 18);
    }
    const auto readings = read_as(layout());
    if (!readings) {
      EXPECT_THAT(readings.error().message, testing::EndsWith(": this is no minivalk"));
      continue;
    }
    ++read;
    EXPECT_LE(readings->systems.size(), 8u);
    EXPECT_LE(readings->servers.size(), 16u);
    EXPECT_LE(readings->clients.size(), 16u);
    for (const auto& system : readings->systems) {
      EXPECT_LE(system.name.size(), 32u);
      for (const auto& [name, member] : kSystems) {
        EXPECT_LT((system.*member).value_or(0), std::uint64_t{1} << 63);
      }
    }
  }
  EXPECT_GT(read, 200);
}
}  // namespace
}  // namespace test
