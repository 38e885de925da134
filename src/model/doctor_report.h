// What `doctor` found: one check a line, made by `inspect`, written by `expose`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/candidate.h"

namespace model {

// kNote: worth knowing, and no obstacle. kFail: watching does not work, or not wholly, until the
// fix is made.
enum class CheckStatus { kOk, kNote, kFail };

// `detail` and `fix` may quote the target: any bytes. A check that is ok has no fix.
struct Check {
  std::string name;
  CheckStatus status = CheckStatus::kOk;
  std::string detail;
  std::string fix;
};

struct DoctorReport {
  std::vector<Check> checks;
  std::optional<CandidateList> candidates = {};  // where no process was given

  bool ok() const {
    for (const Check& check : checks) {
      if (check.status == CheckStatus::kFail) return false;
    }
    return true;
  }
};

}  // namespace model
