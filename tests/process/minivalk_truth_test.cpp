// SPDX-License-Identifier: BSD-2-Clause
// The truth has every family of the catalogue, and asking for it disturbs nothing.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "support/http_load.h"
#include "support/minivalk.h"

namespace {

using test::Labels;
using test::Minivalk;
using test::Samples;

struct Family {
  std::string name;
  std::string kind;
  std::set<std::string> labels;
};

std::vector<Family> read_catalogue() {
  std::ifstream file(VALKYRIA_TEST_DATA "/metrics.tsv");
  std::vector<Family> families;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream columns(line);
    Family family;
    std::string labels;
    std::getline(columns, family.name, '\t');
    std::getline(columns, family.kind, '\t');
    std::getline(columns, labels, '\t');
    std::istringstream names(labels);
    for (std::string name; std::getline(names, name, ',');) family.labels.insert(name);
    families.push_back(family);
  }
  return families;
}

// The label sets that a family must have, by what distinguishes its owners.
std::set<Labels> owners(const Minivalk& minivalk, const Family& family) {
  std::set<Labels> owners;
  if (family.labels.contains("system")) {
    for (const auto& server : minivalk.servers()) owners.insert({{"system", server.system}});
  } else if (family.labels.contains("server")) {
    for (const auto& server : minivalk.servers()) owners.insert(server.labels());
  } else if (family.labels.contains("client")) {
    owners = {{{"client", "redis-cache"}, {"type", "Cache"}},
              {{"client", "postgres-primary"}, {"type", "Database"}}};
  } else {
    owners.insert(Labels{});
  }
  return owners;
}

TEST(MinivalkTruth, HasEveryFamilyOfTheCatalogueForEveryOwner) {
  Minivalk minivalk({"--servers", "3", "--systems", "main,background,third"});
  test::get(minivalk.port(), "/client?name=redis-cache&ops=1");
  test::get(minivalk.port(), "/client?name=postgres-primary&ops=1");
  const Samples truth = minivalk.truth();
  const auto families = read_catalogue();
  EXPECT_GT(families.size(), 60U);
  for (const auto& family : families) {
    const auto name = family.name + (family.kind == "histogram" ? "_count" : "");
    const auto wanted = owners(minivalk, family);
    for (const auto& labels : wanted) {
      EXPECT_FALSE(truth.series(name, labels).empty())
          << name << " of " << test::to_string({"", labels});
    }
    for (const auto& series : truth.series(name)) {
      std::set<std::string> names;
      for (const auto& [label, value] : series.labels) names.insert(label);
      EXPECT_EQ(names, family.labels) << name;
    }
  }
}

// Turns of any length are cut up by other processes, which makes them longer; only those of more
// than a quarter of a second are surely the ones that a test asked for.
std::uint64_t long_stalls(const Samples& truth, const std::string& system) {
  const std::string name = "valk_loop_stall_duration_seconds";
  return truth.integer(name + "_count", {{"system", system}}) -
         truth.integer(name + "_bucket", {{"system", system}, {"le", "0.25"}});
}

TEST(MinivalkTruth, HasEveryStallOnceAndAsSoonAsItsAnswerIsThere) {
  Minivalk minivalk({"--servers", "2", "--systems", "main,background"});
  for (const auto& server : minivalk.servers()) {
    test::HttpConnection connection(server.port);
    for (std::uint64_t i = 1; i <= 4; ++i) {
      ASSERT_EQ(connection.get("/stall?ms=300").status, 200);
      EXPECT_EQ(long_stalls(minivalk.truth(), server.system), i);
      EXPECT_EQ(long_stalls(minivalk.truth(), server.system), i);
    }
  }
}

TEST(MinivalkTruth, HasShortStallsToo) {
  Minivalk minivalk;
  const Labels system{{"system", "main"}};
  test::HttpConnection connection(minivalk.port());
  for (std::uint64_t i = 1; i <= 20; ++i) {
    ASSERT_EQ(connection.get("/stall?ms=2").status, 200);
    const Samples truth = minivalk.truth();
    EXPECT_GE(truth.integer("valk_loop_stall_duration_seconds_count", system), i);
    EXPECT_EQ(truth.integer("valk_loop_stall_duration_seconds_bucket",
                            {{"system", "main"}, {"le", "0.0005"}}),
              0U);
  }
}

TEST(MinivalkTruth, IsToldInOrderWithOtherAnswers) {
  Minivalk minivalk({"--servers", "2", "--systems", "main,background"});
  auto& process = minivalk.process();
  ASSERT_TRUE(process.write_line("eval 1\ntruth\neval 2\ntruth\ntruth\neval 3\nquit"));
  EXPECT_EQ(process.read_line(test::soon()), "1");
  EXPECT_TRUE(process.read_line(test::soon())->starts_with(R"({"metrics":)"));
  EXPECT_EQ(process.read_line(test::soon()), "2");
  EXPECT_TRUE(process.read_line(test::soon())->starts_with(R"({"metrics":)"));
  EXPECT_TRUE(process.read_line(test::soon())->starts_with(R"({"metrics":)"));
  EXPECT_EQ(process.read_line(test::soon()), "3");
  EXPECT_EQ(process.read_line(test::soon()), R"({"quit":true})");
  EXPECT_EQ(process.wait(test::soon()), (test::ExitStatus{false, 0}));
}

TEST(MinivalkTruth, IsToldAfterTheEndOfStdin) {
  Minivalk minivalk;
  auto& process = minivalk.process();
  ASSERT_TRUE(process.write_line("truth\neval 2\ntruth"));
  process.close_stdin();
  EXPECT_TRUE(process.read_line(test::soon())->starts_with(R"({"metrics":)"));
  EXPECT_EQ(process.read_line(test::soon()), "2");
  EXPECT_TRUE(process.read_line(test::soon())->starts_with(R"({"metrics":)"));
}

TEST(MinivalkTruth, DoesNotWaitForALoopThatHangs) {
  Minivalk minivalk({"--servers", "2", "--systems", "main,background"});
  test::HttpConnection connection(minivalk.servers()[1].port);
  ASSERT_TRUE(connection.send("GET /stall?ms=5000 HTTP/1.1\r\n\r\n"));
  const auto active = [&] {
    return minivalk.truth().integer("valk_aio_requests_active", {{"system", "background"}}) == 1;
  };
  EXPECT_TRUE(test::wait_until(test::in(std::chrono::seconds(4)), active));
}

}  // namespace
