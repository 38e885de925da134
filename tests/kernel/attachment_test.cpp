// Who is attached to, who is not, and what is left behind.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>

#include "probe_fixture.h"

namespace kernel_test {
namespace {

class AttachmentTest : public AttachMethodTest {
 protected:
  static Watched watch_process(const Binary& binary, pid_t pid) {
    return kernel_test::watch_process(binary, pid, GetParam());
  }
};

INSTANTIATE_TEST_SUITE_P(By, AttachmentTest, attach_methods(), method_name);

TEST_P(AttachmentTest, CountsEveryRequestOfAHundredThreads) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  Puppet puppet;
  const Watched watched = watch_process(binary, puppet.pid());
  puppet.tell("requests 100 200");
  const probe::Readings readings = watched.slot();
  EXPECT_EQ(requests(readings, "127.0.0.1", "8080"), 20'000u);
  EXPECT_EQ(watched.hits("request__end"), 20'000u);
  ASSERT_EQ(readings.servers.size(), 1u);
  EXPECT_EQ(readings.servers[0].bytes_sent, 2'000'000u);
  EXPECT_EQ(readings.servers[0].bytes_received, 200'000u);
  EXPECT_EQ(readings.servers[0].request_duration_ns->sum_ns, 20'000u * 60'000u);
}

TEST_P(AttachmentTest, ByPidCountsNeitherAnotherProcessNorAForkedChild) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  Puppet puppet;
  Puppet other;
  const Watched watched = watch_process(binary, puppet.pid());
  puppet.tell("requests 1 3");
  other.tell("requests 1 1000");
  puppet.tell("fork 1000");
  EXPECT_EQ(all_requests(watched.slot()), 3u);
  EXPECT_EQ(watched.hits("request__end"), 3u);
}

TEST_P(AttachmentTest, KeepsProcessesApartAndLeavesTheUnwatchedAlone) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  Puppet first;
  Puppet second;
  Puppet unwatched;
  Watched watched = watch_process(binary, first.pid());
  watch_too(watched, binary, second.pid());
  first.tell("requests 2 100");
  second.tell("requests 2 7");
  unwatched.tell("requests 1 5");
  EXPECT_EQ(all_requests(watched.slot(0)), 200u);
  EXPECT_EQ(all_requests(watched.slot(1)), 14u);
  EXPECT_EQ(watched.hits("request__end"), 214u);
  EXPECT_EQ(unwatched.tell("semaphores"), "0");
}

// The light groups share one, where the kernel can do that; each other one can be taken out alone.
TEST_P(AttachmentTest, HasAsFewLinksAsCanBe) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  Puppet puppet;
  const std::size_t links = watch_process(binary, puppet.pid()).attachment().links();
  const bool is_multi = GetParam() == probe::AttachMethod::kUprobeMulti;
  EXPECT_EQ(links, is_multi ? 5u : probe::sites_of(binary.sites).size());
}

TEST_P(AttachmentTest, TakesOneGroupOutAndLeavesTheOthersIn) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  Puppet puppet;
  Watched watched = watch_process(binary, puppet.pid());
  puppet.tell("requests 1 3");
  { const probe::Attachment taken = watched.attachment().take(probe::Group::kHttp); }
  const probe::ProbeSet& left = watched.attachment().attached().probes;
  EXPECT_FALSE(probe::has_any_of(left, probe::Group::kHttp));
  EXPECT_TRUE(probe::has_any_of(left, probe::Group::kGc));
  puppet.tell("requests 1 4");
  puppet.tell("gc 2");
  EXPECT_EQ(watched.hits("request__end"), 3u);
  EXPECT_EQ(watched.slot().gc.cycles, 2u);
  EXPECT_TRUE(watched.slot().servers.empty() || !watched.slot().servers[0].request_duration_ns);
}

// What ended while it was out must not be paired with what began before.
TEST_P(AttachmentTest, AGroupThatComesBackGoesOnCountingButForgetsWhatWasOpen) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  Puppet puppet;
  Watched watched = watch_process(binary, puppet.pid());
  puppet.tell("eval 1 3");
  puppet.tell("eval-part begin 1");
  { const probe::Attachment taken = watched.attachment().take(probe::Group::kEval); }
  watched.programs.forget_open(0, probe::Group::kEval);
  std::vector<probe::AttachFailure> failures;
  auto sites = probe::sites_of(binary.sites);
  std::erase_if(sites,
                [](const probe::Site& site) { return site.probe->group != probe::Group::kEval; });
  watched.attachments.push_back(
      probe::Attachment::attach(watched.programs, {binary.executable.fd.get(), puppet.pid(), 0},
                                probe::Means::kSites, sites, failures));
  puppet.tell("eval-part end 1");
  EXPECT_EQ(watched.lost("attached_in_the_middle"), 1u);
  EXPECT_EQ(watched.lost("eval_end_unseen"), 0u);
  puppet.tell("eval 1 2");
  const auto readings = watched.programs.counters()[0].hits[VALK_PROBE_EVAL_END];
  EXPECT_EQ(readings, 6u);
}

TEST_P(AttachmentTest, ASiteThatIsRefusedTakesNoOtherProbeWithIt) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  Puppet puppet;
  Watched watched = watch_process(binary, puppet.pid());
  watched.attachments.clear();
  auto sites = probe::sites_of(binary.sites);
  const auto bad = std::find_if(sites.begin(), sites.end(), [](const probe::Site& site) {
    return site.probe->name == "overload";
  });
  ASSERT_NE(bad, sites.end());
  bad->file_offset = std::uint64_t{1} << 40;
  std::vector<probe::AttachFailure> failures;
  watched.attachments.push_back(
      probe::Attachment::attach(watched.programs, {binary.executable.fd.get(), puppet.pid(), 0},
                                probe::Means::kSites, sites, failures));
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0].probe->name, "overload");
  EXPECT_FALSE(watched.attachment().attached().probes.test(VALK_PROBE_OVERLOAD));
  puppet.tell("requests 1 3");
  EXPECT_EQ(all_requests(watched.slot()), 3u);
}

TEST_P(AttachmentTest, WhatALinkTellsAfterAnExecIsNotCounted) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  Puppet puppet;
  Watched watched = watch_process(binary, puppet.pid());
  puppet.tell("requests 1 3");
  EXPECT_EQ(watched.programs.execs_of(0), 0u);
  ASSERT_EQ(puppet.tell("exec"), "ready");
  EXPECT_EQ(watched.programs.execs_of(0), 1u);
  watch_too(watched, binary, puppet.pid());
  puppet.tell("requests 1 4");
  EXPECT_EQ(all_requests(watched.slot(0)), 3u);
  EXPECT_EQ(all_requests(watched.slot(1)), 4u);
  EXPECT_EQ(watched.hits("request__end"), 7u);
}

TEST_P(AttachmentTest, RaisesEverySemaphoreAndLowersItAgain) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  Puppet puppet;
  EXPECT_EQ(puppet.tell("semaphores"), "0");
  Watched watched = watch_process(binary, puppet.pid());
  std::size_t attached_sites = 0;
  for (const auto& site : binary.sites.good) attached_sites += site.spec->hit_slot ? 1 : 0;
  EXPECT_EQ(puppet.tell("semaphores"), std::to_string(attached_sites));
  watched.attachments.clear();
  EXPECT_EQ(puppet.tell("semaphores"), "0");
}

// Perf events go one after the other, in the kernel: for them there is only a bound a site.
TEST_P(AttachmentTest, DetachesInTimeForAStopBelowASecond) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  Puppet puppet;
  Watched watched = watch_process(binary, puppet.pid());
  const auto limit = GetParam() == probe::AttachMethod::kUprobeMulti
                         ? std::chrono::milliseconds(1'000)
                         : std::chrono::milliseconds(300 * binary.sites.good.size());
  const auto start = std::chrono::steady_clock::now();
  watched.attachments.clear();
  EXPECT_LT(std::chrono::steady_clock::now() - start, limit);
}

TEST_P(AttachmentTest, FollowsAnExecutableWhoseFileWasDeleted) {
  namespace fs = std::filesystem;
  const fs::path copy =
      fs::temp_directory_path() / ("valkyria-puppet-" + std::to_string(::getpid()));
  fs::copy_file(puppet_path("probe_puppet"), copy, fs::copy_options::overwrite_existing);
  Puppet puppet(copy.string());
  fs::remove(copy);
  const auto executable = target::open_executable_of("/proc", puppet.pid());
  ASSERT_TRUE(executable) << executable.error().message;
  const Binary binary = read_binary("/proc/" + std::to_string(puppet.pid()) + "/exe");
  const Watched watched = watch_process(binary, puppet.pid());
  puppet.tell("requests 1 4");
  EXPECT_EQ(all_requests(watched.slot()), 4u);
}

TEST_P(AttachmentTest, LeavesProbesThatBreakTheContractAlone) {
  const Binary binary = read_binary(puppet_path("bad_probes"));
  ASSERT_EQ(binary.sites.refused.size(), 3u);
  Puppet puppet(puppet_path("bad_probes"));
  const Watched watched = watch_process(binary, puppet.pid());
  EXPECT_TRUE(watched.attachment().attached().probes.test(VALK_PROBE_OVERLOAD));
  EXPECT_EQ(watched.attachment().attached().probes.count(), 1u);
  EXPECT_FALSE(watched.slot().gc.cycles);
}

TEST_P(AttachmentTest, SaysThatTheProcessHasEnded) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  pid_t pid = 0;
  {
    Puppet puppet;
    pid = puppet.pid();
  }
  const auto programs = probe::Programs::load({probe::Group::kGc}, {GetParam(), std::nullopt});
  ASSERT_TRUE(programs);
  std::vector<probe::AttachFailure> failures;
  const auto attachment =
      probe::Attachment::attach(*programs, {binary.executable.fd.get(), pid, 0},
                                probe::Means::kSites, probe::sites_of(binary.sites), failures);
  EXPECT_TRUE(attachment.attached().probes.none());
  ASSERT_FALSE(failures.empty());
  EXPECT_NE(failures[0].reason.find("the process has ended"), std::string::npos)
      << failures[0].reason;
}

TEST_P(AttachmentTest, ManyGoInTheTimeOfOne) {
  const Binary binary = read_binary(puppet_path("probe_puppet"));
  std::vector<std::unique_ptr<Puppet>> puppets;
  puppets.push_back(std::make_unique<Puppet>());
  Watched watched = watch_process(binary, puppets.front()->pid());
  // Perf events wait in line, so of them there are few.
  const bool is_multi = GetParam() == probe::AttachMethod::kUprobeMulti;
  while (puppets.size() < (is_multi ? 32u : 2u)) {
    puppets.push_back(std::make_unique<Puppet>());
    watch_too(watched, binary, puppets.back()->pid());
  }
  const auto start = std::chrono::steady_clock::now();
  probe::detach(std::move(watched.attachments));
  if (is_multi) {
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(1'000));
  }
  for (const auto& puppet : puppets) EXPECT_EQ(puppet->tell("semaphores"), "0");
}

}  // namespace
}  // namespace kernel_test
