// The table of capabilities, and that the README says the same.
#include "privilege/capabilities.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace {

using privilege::CapabilitySet;
using privilege::Need;
using privilege::set_of;

constexpr CapabilitySet kLeast = set_of(CAP_BPF) | set_of(CAP_PERFMON) | set_of(CAP_SYS_PTRACE);
constexpr CapabilitySet kAll = ~CapabilitySet{0};

TEST(MissingToAttach, NamesWhatIsNotThere) {
  EXPECT_EQ(privilege::missing_to_attach(kAll, true), "");
  EXPECT_EQ(privilege::missing_to_attach(0, false), "CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE");
  EXPECT_EQ(privilege::missing_to_attach(kLeast & ~set_of(CAP_BPF), false), "CAP_BPF");
}

TEST(MissingToAttach, TakesSysAdminOnlyForPerfEvents) {
  EXPECT_EQ(privilege::missing_to_attach(kLeast, false), "");
  EXPECT_EQ(privilege::missing_to_attach(kLeast, true), "CAP_SYS_ADMIN");
}

TEST(AbsentWithout, SaysWhatIsNotToldOf) {
  EXPECT_EQ(privilege::absent_without(kAll, true), "");
  const std::string absent = privilege::absent_without(kLeast, false);
  EXPECT_NE(absent.find("without CAP_DAC_READ_SEARCH processes whose executable"),
            std::string::npos);
  EXPECT_EQ(absent.find("CAP_SETUID"), std::string::npos) << "only root becomes nobody";
  EXPECT_NE(privilege::absent_without(kLeast, true).find("CAP_SETUID debug information"),
            std::string::npos);
}

TEST(NeededFor, IsTheUnionOfItsNeeds) {
  const Need always[] = {Need::kAlways};
  EXPECT_EQ(privilege::needed_for(always), kLeast);
  const Need more[] = {Need::kAlways, Need::kForPerfEvents};
  EXPECT_EQ(privilege::needed_for(more), kLeast | set_of(CAP_SYS_ADMIN));
  EXPECT_EQ(privilege::needed_for({}), 0u);
}

// Whole words that begin with CAP_.
std::set<std::string> capabilities_in(const std::string& text) {
  std::set<std::string> names;
  const auto is_of_name = [](char c) { return c == '_' || (c >= 'A' && c <= 'Z'); };
  for (std::size_t at = text.find("CAP_"); at != std::string::npos; at = text.find("CAP_", at)) {
    std::size_t end = at;
    while (end < text.size() && is_of_name(text[end])) ++end;
    names.insert(text.substr(at, end - at));
    at = end;
  }
  return names;
}

TEST(Readme, NamesTheCapabilitiesOfTheTable) {
  std::ifstream file(std::string(VALKYRIA_SOURCE_DIR) + "/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> table;
  for (const auto& capability : privilege::capabilities()) table.insert(capability.name);
  EXPECT_EQ(capabilities_in(readme), table);
}

}  // namespace
