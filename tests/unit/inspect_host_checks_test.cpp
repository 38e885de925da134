// How doctor reads and judges our place on a machine, also places that this one is not.
#include "inspect/host_checks.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <unistd.h>

#include <filesystem>

#include "inspect_support.h"

namespace {

using inspect::HostFacts;
using inspect_support::find;
using model::CheckStatus;

constexpr std::size_t kTargets = 64;

HostFacts good_host() {
  HostFacts facts;
  facts.has_cgroups = true;
  facts.capabilities = ~std::uint64_t{0};
  facts.ptrace_scope = 1;
  facts.bpf_jit = 1;
  facts.clock_source = "tsc";
  facts.unix_seconds = 1'800'000'000;
  facts.is_clock_synchronised = true;
  facts.descriptor_limit = 524'288;
  facts.descriptor_maximum = 524'288;
  return facts;
}

probe::KernelFacts good_kernel() {
  probe::KernelFacts kernel;
  kernel.release = "6.18.44";
  return kernel;
}

model::Check judge(const HostFacts& facts, const std::string& name,
                   const probe::KernelFacts& kernel = good_kernel()) {
  return find(inspect::judge_host(facts, kernel, kTargets), name);
}

TEST(JudgeHost, FindsNothingWrongWithAGoodOne) {
  for (const auto& check : inspect::judge_host(good_host(), good_kernel(), kTargets)) {
    EXPECT_EQ(check.status, CheckStatus::kOk) << check.name << ": " << check.detail;
    EXPECT_EQ(check.fix, "") << check.name;
  }
}

TEST(JudgeHost, FailsWithAFixWhereNothingCanWork) {
  HostFacts facts = good_host();
  facts.proc.is_of_our_namespace = false;
  facts.proc.hidepid = "2";
  facts.capabilities = 0;
  facts.is_in_user_namespace = true;
  facts.is_under_seccomp = true;
  facts.ptrace_scope = 3;
  facts.unix_seconds = 1'000;
  probe::KernelFacts kernel = good_kernel();
  kernel.release = "5.4.0";
  kernel.bpf_fault = probe::KernelFault{"no bpf", "get one"};
  for (const char* name :
       {"proc", "hidepid", "user_namespace", "own_seccomp", "ptrace_scope", "memlock", "clock"}) {
    const auto check = judge(facts, name, kernel);
    EXPECT_EQ(check.status, CheckStatus::kFail) << name;
    EXPECT_NE(check.fix, "") << name;
  }
}

TEST(JudgeHost, NotesWhatIsNoObstacle) {
  HostFacts facts = good_host();
  facts.proc.is_in_nested_namespace = true;
  facts.has_cgroups = false;
  facts.security_label = "docker-default (enforce)";
  facts.bpf_jit = 0;
  facts.descriptor_limit = 1'000;
  facts.clock_source = "hpet";
  for (const char* name :
       {"proc", "cgroups", "security_module", "bpf_jit", "descriptors", "clock"}) {
    const auto check = judge(facts, name);
    EXPECT_EQ(check.status, CheckStatus::kNote) << name;
    EXPECT_NE(check.fix, "") << name;
  }
}

TEST(JudgeHost, HidepidIsNoObstacleToWhoMayTrace) {
  HostFacts facts = good_host();
  facts.proc.hidepid = "invisible";
  facts.capabilities = std::uint64_t{1} << CAP_SYS_PTRACE;
  EXPECT_EQ(judge(facts, "hidepid").status, CheckStatus::kOk);
}

TEST(JudgeHost, MoreTargetsOrAnOlderKernelTakeMoreDescriptors) {
  HostFacts facts = good_host();
  facts.descriptor_limit = 2'048;
  EXPECT_EQ(judge(facts, "descriptors").status, CheckStatus::kOk);
  probe::KernelFacts old = good_kernel();
  old.release = "6.1.0";
  EXPECT_EQ(judge(facts, "descriptors", old).status, CheckStatus::kNote);
  EXPECT_EQ(find(inspect::judge_host(facts, good_kernel(), 1'024), "descriptors").status,
            CheckStatus::kNote);
}

TEST(ParseMountOptions, TakesTheLastOfAPlace) {
  const char* mounts =
      "proc /proc proc rw,relatime 0 0\n"
      "tmpfs /proc/acpi tmpfs ro 0 0\n"
      "proc /proc proc rw,hidepid=invisible,gid=4 0 0\n"
      "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n";
  const auto options = inspect::parse_mount_options(mounts, "/proc");
  ASSERT_TRUE(options);
  EXPECT_EQ(inspect::option_value(*options, "hidepid"), "invisible");
  EXPECT_EQ(inspect::option_value(*options, "subset"), "");
  EXPECT_EQ(inspect::parse_mount_options(mounts, "/sys"), std::nullopt);
  EXPECT_EQ(inspect::parse_mount_options("", "/proc"), std::nullopt);
  EXPECT_EQ(inspect::parse_mount_options("x", "/proc"), std::nullopt);
  EXPECT_TRUE(inspect::has_cgroup_mount(mounts));
  EXPECT_FALSE(inspect::has_cgroup_mount("proc /proc proc rw 0 0\n"));
}

TEST(ParseCapabilities, ReadsTheEffectiveOnes) {
  EXPECT_EQ(inspect::parse_capabilities("Name:\tx\nCapEff:\t00000000a80425fb\nCapBnd:\t0\n"),
            0xa80425fbU);
  EXPECT_EQ(inspect::parse_capabilities("Name:\tx\n"), 0u);
}

TEST(ReadHostFacts, KnowsThisMachine) {
  const HostFacts facts = inspect::read_host_facts();
  EXPECT_TRUE(facts.proc.is_of_our_namespace);
  EXPECT_GT(facts.descriptor_limit, 0u);
  EXPECT_GT(facts.unix_seconds, 1'700'000'000);
}

TEST(JudgeCache, SaysWhetherAnythingCanBeKept) {
  EXPECT_EQ(inspect::judge_cache("", "").status, CheckStatus::kOk);
  EXPECT_EQ(inspect::judge_cache("/var/cache/x", "").status, CheckStatus::kOk);
  const auto check = inspect::judge_cache("/var/cache/x", "Read-only file system");
  EXPECT_EQ(check.status, CheckStatus::kNote);
  EXPECT_NE(check.fix, "");
}

TEST(FindCacheProblem, AsksWhereTheDirectoryWouldBeMadeAndMakesNone) {
  std::string directory = testing::TempDir() + "cache.XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  EXPECT_EQ(inspect::find_cache_problem(directory), "");
  EXPECT_EQ(inspect::find_cache_problem(directory + "/not/there"), "");
  EXPECT_FALSE(std::filesystem::exists(directory + "/not"));
  EXPECT_NE(inspect::find_cache_problem("/proc/version/x"), "");
  // What others could have written is not taken.
  ASSERT_EQ(::chmod(directory.c_str(), 0777), 0);
  EXPECT_NE(inspect::find_cache_problem(directory), "");
  EXPECT_NE(inspect::find_cache_problem(directory + "/"), "");
  EXPECT_EQ(inspect::find_cache_problem(directory + "/own"), "");
  std::filesystem::remove_all(directory);
}

}  // namespace
