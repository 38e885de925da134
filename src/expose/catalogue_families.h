// The families of the catalogue, as a snapshot has them.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>

#include "expose/family.h"
#include "model/catalogue.h"
#include "model/snapshot.h"

namespace expose {

FamilyType type_of(model::Kind kind);

// The family without series.
Family head_of(const model::CatalogueEntry& entry);

// How targets differ from what HELP says, by family, each difference once: "Of layout LAYOUT: ...".
using Differences = std::map<const model::CatalogueEntry*, std::set<std::string>>;
Differences differences_of(std::span<const model::TargetMetrics> targets);

// With the series of all targets, or of the exporter itself; none where nothing is known.
// `differences` of the snapshot's targets stand in HELP.
Family family_of(const model::CatalogueEntry& entry, const model::Snapshot& snapshot,
                 const Differences& differences = {});

// With the series of one target alone.
Family family_of(const model::CatalogueEntry& entry, const model::TargetMetrics& target);

// The label `process` as valid UTF-8, which a target without such a name doesn't have.
Labels labels_of(const model::TargetMetrics& target);

}  // namespace expose
