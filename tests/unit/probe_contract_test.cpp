#include <gtest/gtest.h>
#include <valkyria/abi/codes.h>
#include <valkyria/probes.h>

#include "probe/attach_method.h"
#include "probe/contract.h"
#include "probe/kernel_facts.h"
#include "probe/site_check.h"

namespace {

// The header that runtimes include and the numbers that BPF uses must not drift apart.
static_assert(int{VALKYRIA_STATE_NONE} == int{VALK_STATE_NONE});
static_assert(int{VALKYRIA_STATE_CONNECTING} == int{VALK_STATE_CONNECTING});
static_assert(int{VALKYRIA_STATE_ACTIVE} == int{VALK_STATE_ACTIVE});
static_assert(int{VALKYRIA_STATE_IDLE} == int{VALK_STATE_IDLE});
static_assert(int{VALKYRIA_STATE_CLOSING} == int{VALK_STATE_CLOSING});
static_assert(int{VALKYRIA_STATE_CLOSED} == int{VALK_STATE_CLOSED});
static_assert(int{VALKYRIA_OVERLOAD_CONNECTIONS} + 1 == VALK_OVERLOAD_REASONS);

elf::UsdtSite good_site(std::string_view name) {
  const probe::ProbeSpec* spec = probe::find_probe(name);
  elf::UsdtSite site;
  site.name = name;
  site.file_offset = 0x1000;
  site.semaphore_file_offset = 0x3000;
  site.instruction = elf::SiteInstruction::kNop1;
  for (std::size_t i = 0; i < spec->arguments; ++i) {
    site.operands.emplace_back(probe::pinned_operand(i));
  }
  return site;
}

std::string refusal(const elf::UsdtSite& site) {
  const probe::SiteCheck check = probe::check_sites({site});
  EXPECT_TRUE(check.good.empty());
  return check.refused.empty() ? "" : check.refused.front().reason;
}

TEST(ParseGroups, TakesAListInAnyOrderAndOnce) {
  const auto groups = probe::parse_groups("http,gc,http");
  ASSERT_TRUE(groups);
  EXPECT_EQ(*groups, (std::vector{probe::Group::kHttp, probe::Group::kGc}));
}

TEST(ParseGroups, NamesTheWordItDoesNotKnow) {
  for (const char* list : {"", "gc,", "gc,httpd", "GC", " gc"}) {
    const auto groups = probe::parse_groups(list);
    ASSERT_FALSE(groups) << list;
    EXPECT_NE(groups.error().message.find("use gc,eval,connection,http,client,loop, function"),
              std::string::npos);
  }
}

TEST(BestAttachMethod, IsUprobeMultiWhereItKnowsProcessesFromThreads) {
  using probe::AttachMethod;
  for (const char* release : {"6.11.0", "6.18.44-cloud-amd64", "7.3.4", "10.0"}) {
    EXPECT_EQ(probe::best_attach_method(release), AttachMethod::kUprobeMulti) << release;
  }
  for (const char* release : {"5.10.0-30-amd64", "6.1.0", "6.6.32", "6.10.11", "", "linux", "6"}) {
    EXPECT_EQ(probe::best_attach_method(release), AttachMethod::kPerfEvent) << release;
  }
}

TEST(ParseLockdown, TakesTheModeInBrackets) {
  EXPECT_EQ(probe::parse_lockdown("none [integrity] confidentiality"), "integrity");
  EXPECT_EQ(probe::parse_lockdown("[none] integrity confidentiality\n"), "none");
}

TEST(ParseLockdown, TakesNothingElse) {
  for (const char* text : {"", "none", "[none", "none]", "]none["}) {
    EXPECT_FALSE(probe::parse_lockdown(text)) << text;
  }
}

TEST(CheckSites, AcceptsASiteThatKeepsTheContract) {
  for (const probe::ProbeSpec& spec : probe::contract()) {
    EXPECT_EQ(probe::check_sites({good_site(spec.name)}).good.size(), 1u) << spec.name;
  }
}

TEST(CheckSites, RefusesAnotherRegisterWidthOrKindOfOperand) {
  for (const char* operand :
       {"8@%rsi", "-8@%rdi", "4@%edi", "8@$5", "8@-16(%rbp)", "8@sym(%rip)"}) {
    elf::UsdtSite site = good_site("gc__begin");
    site.operands[0] = operand;
    EXPECT_NE(refusal(site).find(operand), std::string::npos) << operand;
  }
}

TEST(CheckSites, RefusesAnotherNumberOfArguments) {
  elf::UsdtSite site = good_site("gc__end");
  site.operands.pop_back();
  EXPECT_NE(refusal(site).find("5 arguments where the contract has 6"), std::string::npos);
}

TEST(CheckSites, RefusesAFiveByteNop) {
  elf::UsdtSite site = good_site("gc__end");
  site.instruction = elf::SiteInstruction::kNop5;
  EXPECT_NE(refusal(site).find("5-byte nop"), std::string::npos);
}

TEST(CheckSites, RefusesAnInstructionThatIsNoNop) {
  elf::UsdtSite site = good_site("gc__end");
  site.instruction = elf::SiteInstruction::kOther;
  EXPECT_NE(refusal(site).find("not a nop"), std::string::npos);
}

TEST(CheckSites, RefusesAProbeWithoutSemaphore) {
  elf::UsdtSite site = good_site("gc__end");
  site.semaphore_file_offset.reset();
  EXPECT_NE(refusal(site).find("semaphore"), std::string::npos);
}

TEST(CheckSites, TakesASiteWithTwoNotesOnce) {
  elf::UsdtSite second = good_site("gc__end");
  second.file_offset += 8;
  const auto check = probe::check_sites({good_site("gc__end"), good_site("gc__end"), second});
  EXPECT_EQ(check.good.size(), 2u);
}

TEST(CheckSites, PassesOverProbesThatAreNotInTheContract) {
  elf::UsdtSite site = good_site("gc__end");
  site.name = "gc__pause";
  const probe::SiteCheck check = probe::check_sites({site});
  EXPECT_TRUE(check.good.empty());
  EXPECT_TRUE(check.refused.empty());
}

}  // namespace
