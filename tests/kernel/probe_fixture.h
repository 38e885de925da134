// What the kernel ring shares: a puppet process and the probes attached to it, for real.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "probe/attachment.h"
#include "probe/function_probes.h"
#include "probe/programs.h"
#include "probe/readings.h"
#include "probe/site_check.h"
#include "support/child_process.h"
#include "target/executable.h"

namespace kernel_test {

// Where the build puts the puppets.
std::string puppet_path(const std::string& name);

// A running probe_puppet. Dies with this object.
class Puppet {
 public:
  explicit Puppet(const std::string& program = puppet_path("probe_puppet"));

  pid_t pid() const { return process_.pid(); }
  // Sends a command, waits for the answer and returns it.
  std::string tell(const std::string& command);

 private:
  test::ChildProcess process_;
};

// An executable with its checked sites.
struct Binary {
  target::Executable executable;
  probe::SiteCheck sites;
};

Binary read_binary(const std::string& path);

// Programs and their attachment to a binary, as the exporter would have them.
struct Watched {
  probe::Programs programs;
  std::vector<probe::Attachment> attachments;  // by slot

  probe::Attachment& attachment() { return attachments.at(0); }
  const probe::Attachment& attachment() const { return attachments.at(0); }

  probe::Readings slot(std::uint32_t number = 0) const;
  std::uint64_t hits(const std::string& probe) const;
  std::uint64_t lost(const std::string& cause) const;
};
const std::vector<probe::Group>& all_groups();
Watched watch_process(const Binary& binary, pid_t pid,
                      probe::AttachMethod method = probe::best_attach_method(),
                      const std::vector<probe::Group>& groups = all_groups());
// Attaches to one more process, in the next slot. Fails the test unless all could be attached.
void watch_too(Watched& watched, const Binary& binary, pid_t pid);

// Skips where this machine can't load BPF, with the reason; fails instead when CI is set.
class KernelTest : public testing::Test {
 protected:
  void SetUp() override;
};

// Both ways of attaching, where the kernel has both.
class AttachMethodTest : public KernelTest,
                         public testing::WithParamInterface<probe::AttachMethod> {
 protected:
  void SetUp() override;
};
inline auto attach_methods() {
  return testing::Values(probe::AttachMethod::kPerfEvent, probe::AttachMethod::kUprobeMulti);
}
std::string method_name(const testing::TestParamInfo<probe::AttachMethod>& method);

std::uint64_t requests(const probe::Readings& readings, const std::string& host,
                       const std::string& port, const std::string& status = "2xx");
std::uint64_t all_requests(const probe::Readings& readings);

}  // namespace kernel_test
