// What a probe is good for, and what it costs.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "model/catalogue.h"
#include "probe/attachment.h"
#include "probe/contract.h"

namespace probe {

// light: now and then. medium: once for a piece of work, such as a request. heavy: many times
// within one. No word: the probe is not in the contract.
std::string_view cost_of_probe(std::string_view probe);

// The members of the model that the probe brings, alone or with others, while its group is
// attached. Function probes in its place tell less.
std::span<const model::Member> members_of_probe(std::string_view probe,
                                                Means means = Means::kSites);

// Whether it tells single events, which no memory keeps.
bool tells_events(std::string_view probe);

// What comes from everything that is attached; a member may stand there twice.
std::vector<model::Member> members_of(const Attached& attached);

// The groups whose probes are all cheap enough to be tried on a process that is at work.
std::vector<Group> groups_to_try();

}  // namespace probe
