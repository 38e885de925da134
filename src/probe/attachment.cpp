#include "probe/attachment.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace probe {
namespace {

using base::Result;
using Sites = std::vector<Site>;

constexpr std::size_t kMaxDetachThreads = 64;

Group group_of(const Site& site) {
  return *site.probe->group;
}

std::vector<Group> groups_of(const Sites& sites) {
  std::vector<Group> groups;
  for (const Site& site : sites) {
    const auto known = std::find(groups.begin(), groups.end(), group_of(site));
    if (known == groups.end()) groups.push_back(group_of(site));
  }
  return groups;
}

// What is attached or left out as a whole: a probe of the contract, a group of function probes.
std::vector<Sites> units_of(Means means, const Sites& sites) {
  std::map<std::pair<Group, const ProbeSpec*>, Sites> units;
  for (const Site& site : sites) {
    units[{group_of(site), means == Means::kSites ? site.probe : nullptr}].push_back(site);
  }
  std::vector<Sites> list;
  for (auto& [key, unit] : units) list.push_back(std::move(unit));
  return list;
}

// What may have to go alone has links of its own: each group that costs more than now and then, and
// groups with something at returns.
std::vector<Sites> parts_of(const Sites& sites) {
  std::vector<Group> with_returns;
  for (const Site& site : sites) {
    if (site.at == At::kReturn) with_returns.push_back(group_of(site));
  }
  std::map<std::pair<std::optional<Group>, bool>, Sites> parts;
  for (const Site& site : sites) {
    const Group group = group_of(site);
    const bool is_light = spec_of(group).cost == CostClass::kLight;
    const auto found = std::find(with_returns.begin(), with_returns.end(), group);
    parts[{is_light ? std::nullopt : std::optional(group), found != with_returns.end()}].push_back(
        site);
  }
  std::vector<Sites> list;
  for (auto& [key, part] : parts) list.push_back(std::move(part));
  return list;
}

}  // namespace

bool has_any_of(const ProbeSet& probes, Group group) {
  return std::any_of(contract().begin(), contract().end(), [&](const ProbeSpec& spec) {
    return spec.group == group && spec.hit_slot && probes.test(*spec.hit_slot);
  });
}

// As a rule everything can be attached. Where something can't, the kernel refuses the whole link
// and doesn't say for whom: then each unit is tried by itself.
Attachment Attachment::attach(const Programs& programs, const AttachTarget& target, Means means,
                              std::span<const Site> sites, std::vector<AttachFailure>& failed) {
  Attachment attachment(means);
  Sites chosen;
  std::copy_if(sites.begin(), sites.end(), std::back_inserter(chosen),
               [&](const Site& site) { return programs.has(group_of(site)); });
  const auto note = [&](const Sites& attached) {
    for (const Site& site : attached) attachment.attached_.probes.set(*site.probe->hit_slot);
  };
  for (const Sites& part : parts_of(chosen)) {
    if (attachment.add(programs, target, part)) {
      note(part);
      continue;
    }
    for (const Sites& unit : units_of(means, part)) {
      if (auto added = attachment.add(programs, target, unit)) {
        note(unit);
      } else {
        failed.push_back({unit.front().probe, added.error().message});
      }
    }
  }
  return attachment;
}

Result<void> Attachment::add(const Programs& programs, const AttachTarget& target,
                             const Sites& sites) {
  const std::size_t links_before = links_.size();
  for (const At at : {At::kEntry, At::kReturn}) {
    if (auto added = add(programs, target, sites, at); !added) {
      links_.erase(links_.begin() + static_cast<std::ptrdiff_t>(links_before), links_.end());
      return added;
    }
  }
  return {};
}

Result<void> Attachment::add(const Programs& programs, const AttachTarget& target,
                             const Sites& sites, At at) {
  std::vector<Place> places;
  for (const Site& site : sites) {
    if (site.at != at) continue;
    const auto hit_slot = static_cast<std::uint32_t>(*site.probe->hit_slot);
    places.push_back({site.file_offset, site.semaphore_file_offset,
                      valk_cookie(site.handler, hit_slot, target.slot)});
  }
  if (places.empty()) return {};
  const std::string path = fmt::format("/proc/self/fd/{}", target.executable_fd);
  switch (programs.attach_method()) {
    case AttachMethod::kUprobeMulti: {
      auto link = UprobeLink::attach_multi(programs.program(), path, places, at, target.pid);
      if (!link) return pass_on(link);
      links_.push_back({groups_of(sites), at, std::move(*link)});
      return {};
    }
    case AttachMethod::kPerfEvent:
      for (const Place& place : places) {
        auto link = UprobeLink::attach_perf_event(programs.program(), path, place, at, target.pid);
        if (!link) return pass_on(link);
        links_.push_back({groups_of(sites), at, std::move(*link)});
      }
      return {};
  }
  return {};
}

bool Attachment::has_returns() const {
  return std::any_of(links_.begin(), links_.end(),
                     [](const Link& link) { return link.at == At::kReturn; });
}

Attachment Attachment::take_returns() {
  std::vector<Group> groups;
  for (const Link& link : links_) {
    if (link.at == At::kReturn) groups.insert(groups.end(), link.groups.begin(), link.groups.end());
  }
  return take_all_of(groups);
}

Attachment Attachment::take(Group group) {
  return take_all_of({group});
}

Attachment Attachment::take_all_of(const std::vector<Group>& groups) {
  const auto goes = [&](Group group) {
    return std::find(groups.begin(), groups.end(), group) != groups.end();
  };
  Attachment taken(attached_.means);
  std::vector<Link> kept;
  for (Link& link : links_) {
    const bool all_go = std::all_of(link.groups.begin(), link.groups.end(), goes);
    (all_go ? taken.links_ : kept).push_back(std::move(link));
  }
  links_ = std::move(kept);
  for (const ProbeSpec& spec : contract()) {
    if (!spec.group || !spec.hit_slot || !goes(*spec.group)) continue;
    taken.attached_.probes[*spec.hit_slot] = attached_.probes[*spec.hit_slot];
    attached_.probes.reset(*spec.hit_slot);
  }
  return taken;
}

// Each link waits out a grace period of the kernel when it goes: let them wait side by side.
void detach(std::vector<Attachment> attachments) {
  std::vector<Attachment::Link> links;
  for (Attachment& attachment : attachments) {
    std::move(attachment.links_.begin(), attachment.links_.end(), std::back_inserter(links));
    attachment.links_.clear();
  }
  std::vector<std::jthread> threads;
  while (links.size() > 1 && threads.size() < kMaxDetachThreads) {
    // Every thread takes its share: who is last in line should not wait for all others.
    const std::size_t share = links.size() / (kMaxDetachThreads - threads.size()) + 1;
    std::vector<Attachment::Link> part(
        std::make_move_iterator(links.end() -
                                static_cast<std::ptrdiff_t>(std::min(share, links.size()))),
        std::make_move_iterator(links.end()));
    links.erase(links.end() - static_cast<std::ptrdiff_t>(part.size()), links.end());
    try {
      threads.emplace_back([owned = std::move(part)] {});
    } catch (const std::system_error&) {
      break;  // no more threads to be had: the links go here, one after the other
    }
  }
}

Attachment::~Attachment() {
  if (links_.empty()) return;
  std::vector<Attachment> alone;
  alone.push_back(std::move(*this));
  if (alone.front().links_.size() == 1) {
    alone.front().links_.clear();
    return;
  }
  detach(std::move(alone));
}

}  // namespace probe
