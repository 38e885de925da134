#include "probe/site_check.h"

#include <algorithm>
#include <optional>

namespace probe {
namespace {

std::optional<std::string> operand_fault(const ProbeSpec& spec, const elf::UsdtSite& site) {
  if (site.operands.size() != spec.arguments) {
    return fmt::format("{} arguments where the contract has {}", site.operands.size(),
                       spec.arguments);
  }
  for (std::size_t i = 0; i < site.operands.size(); ++i) {
    if (site.operands[i] != pinned_operand(i)) {
      return fmt::format("argument {} is {} where the contract has {}", i, site.operands[i],
                         pinned_operand(i));
    }
  }
  return std::nullopt;
}

std::optional<std::string> instruction_fault(elf::SiteInstruction instruction) {
  switch (instruction) {
    case elf::SiteInstruction::kNop1:
      return std::nullopt;
    case elf::SiteInstruction::kNop5:
      return "the site is a 5-byte nop, which Linux 6.18 rewrites into a call that damages the "
             "caller's stack";
    case elf::SiteInstruction::kOther:
      return "the site is not a nop";
  }
  return std::nullopt;
}

std::optional<std::string> fault_of(const ProbeSpec& spec, const elf::UsdtSite& site) {
  if (auto fault = operand_fault(spec, site)) return fault;
  if (auto fault = instruction_fault(site.instruction)) return fault;
  if (!site.semaphore_file_offset) return "it has no semaphore";
  return std::nullopt;
}

bool is_known(const std::vector<CheckedSite>& sites, const elf::UsdtSite& site) {
  return std::any_of(sites.begin(), sites.end(), [&](const CheckedSite& known) {
    return known.site.name == site.name && known.site.file_offset == site.file_offset;
  });
}

}  // namespace

SiteCheck check_sites(const std::vector<elf::UsdtSite>& sites) {
  SiteCheck check;
  for (const elf::UsdtSite& site : sites) {
    const ProbeSpec* spec = find_probe(site.name);
    if (spec == nullptr || is_known(check.good, site)) continue;
    if (const auto fault = fault_of(*spec, site)) {
      check.refused.push_back(
          {site.name, fmt::format("site at file offset {:#x}: {}", site.file_offset, *fault)});
    } else {
      check.good.push_back({spec, site});
    }
  }
  return check;
}

std::vector<Site> sites_of(const SiteCheck& check) {
  const auto is_refused = [&](std::string_view probe) {
    return std::any_of(check.refused.begin(), check.refused.end(),
                       [&](const RefusedSite& refused) { return refused.probe == probe; });
  };
  std::vector<Site> sites;
  for (const auto& [spec, site] : check.good) {
    if (!spec->handler || is_refused(spec->name)) continue;
    sites.push_back({spec, *spec->handler, At::kEntry, site.file_offset, site.address,
                     site.semaphore_file_offset.value_or(0), site.semaphore_address});
  }
  return sites;
}

}  // namespace probe
