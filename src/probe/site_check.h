// Whether a probe site may be attached to.
#pragma once

#include <string>
#include <vector>

#include "elf/usdt.h"
#include "probe/contract.h"
#include "probe/site.h"

namespace probe {

// A site that passed the check. `site` is copied out of the ELF reading.
struct CheckedSite {
  const ProbeSpec* spec;
  elf::UsdtSite site;
};

struct RefusedSite {
  std::string probe;
  std::string reason;
};

struct SiteCheck {
  std::vector<CheckedSite> good;
  std::vector<RefusedSite> refused;  // in the contract, but not as it promises
};

// Holds each site against the contract: number and registers of its operands, a semaphore, and a
// 1-byte nop. Probes that are not in the contract are passed over: they are none of ours. Linkers
// may leave two notes for one site: it is taken once, since it would count twice.
SiteCheck check_sites(const std::vector<elf::UsdtSite>& sites);

// Where to attach: every good site whose probe has a handler and no refused site. Half of a probe's
// events would make wrong numbers.
std::vector<Site> sites_of(const SiteCheck& check);

}  // namespace probe
