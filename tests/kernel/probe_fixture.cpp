#include "probe_fixture.h"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "elf/usdt.h"
#include "model/names.h"
#include "probe/kernel.h"

namespace kernel_test {
namespace {

template <typename T>
T value_of(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

}  // namespace

std::string puppet_path(const std::string& name) {
  return std::string(VALKYRIA_BIN_DIR) + "/../tests/" + name;
}

Puppet::Puppet(const std::string& program) : process_(program, {}) {
  if (process_.read_line(test::soon()) != "ready") throw std::runtime_error("puppet not ready");
}

std::string Puppet::tell(const std::string& command) {
  process_.write_line(command);
  return process_.read_line(test::soon()).value_or("no answer");
}

Binary read_binary(const std::string& path) {
  Binary binary{value_of(target::open_executable(path)), {}};
  const auto file = elf::ElfFile::open(base::UniqueFd(::dup(binary.executable.fd.get())), path);
  if (!file) throw std::runtime_error(file.error().message);
  binary.sites = probe::check_sites(value_of(elf::read_usdt_sites(*file, probe::kProvider)));
  return binary;
}

probe::Readings Watched::slot(std::uint32_t number) const {
  probe::AttachedBySlot attached;
  for (const auto& attachment : attachments) attached.push_back(attachment.attached());
  return value_of(probe::read_slots(programs, attached)).at(number);
}

std::uint64_t Watched::hits(const std::string& probe) const {
  for (const auto& status : probe::read_probe_status(programs, attachment().attached().probes)) {
    if (status.probe == probe) return status.hits;
  }
  throw std::runtime_error("no probe " + probe);
}

std::uint64_t Watched::lost(const std::string& cause) const {
  for (const auto& loss : probe::read_losses(programs)) {
    if (loss.cause == cause) return loss.count;
  }
  throw std::runtime_error("no cause " + cause);
}

const std::vector<probe::Group>& all_groups() {
  static const std::vector<probe::Group> all = [] {
    std::vector<probe::Group> groups;
    for (const probe::GroupSpec& spec : probe::groups()) groups.push_back(spec.group);
    return groups;
  }();
  return all;
}

Watched watch_process(const Binary& binary, pid_t pid, probe::AttachMethod method,
                      const std::vector<probe::Group>& groups) {
  Watched watched{value_of(probe::Programs::load(groups, {method, std::nullopt})), {}};
  watch_too(watched, binary, pid);
  return watched;
}

void watch_too(Watched& watched, const Binary& binary, pid_t pid) {
  const auto slot = static_cast<std::uint32_t>(watched.attachments.size());
  if (auto ready = watched.programs.watch(slot, pid); !ready) {
    throw std::runtime_error(ready.error().message);
  }
  std::vector<probe::AttachFailure> failures;
  watched.attachments.push_back(
      probe::Attachment::attach(watched.programs, {binary.executable.fd.get(), pid, slot},
                                probe::Means::kSites, probe::sites_of(binary.sites), failures));
  if (!failures.empty()) throw std::runtime_error(failures[0].reason);
}

void KernelTest::SetUp() {
  const auto able = probe::check_kernel();
  if (able) return;
  if (std::getenv("CI") != nullptr) FAIL() << able.error().message;
  GTEST_SKIP() << able.error().message;
}

void AttachMethodTest::SetUp() {
  KernelTest::SetUp();
  if (GetParam() == probe::AttachMethod::kUprobeMulti &&
      probe::best_attach_method() != probe::AttachMethod::kUprobeMulti) {
    GTEST_SKIP() << "this kernel's uprobe_multi is not good enough";
  }
}

std::string method_name(const testing::TestParamInfo<probe::AttachMethod>& method) {
  return method.param == probe::AttachMethod::kPerfEvent ? "PerfEvent" : "UprobeMulti";
}

std::uint64_t requests(const probe::Readings& readings, const std::string& host,
                       const std::string& port, const std::string& status) {
  for (const auto& server : readings.servers) {
    if (server.host != host || server.port != port) continue;
    for (const auto& count : server.requests) {
      if (name_of(count.status) == status) return count.count;
    }
  }
  return 0;
}

std::uint64_t all_requests(const probe::Readings& readings) {
  std::uint64_t sum = 0;
  for (const auto& server : readings.servers) {
    for (const auto& count : server.requests) sum += count.count;
  }
  return sum;
}

}  // namespace kernel_test
