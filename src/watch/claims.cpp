#include "watch/claims.h"

#include "target/place.h"
#include "target/process_status.h"

namespace watch {

Claim claim_of(const std::string& proc_root, const target::Selection& selection,
               const target::Process& process, std::uint64_t order) {
  Claim claim{process.id.pid, process.id.start_ticks, process.uid, false, order};
  const auto status = target::read_status(proc_root, process.id.pid);
  if (status) claim.uid = status->real_uid;
  claim.is_privileged = status && status->real_uid == 0;
  if (!selection.units.empty() && !claim.is_privileged) {
    const target::Place place = target::read_place(proc_root, process.id.pid);
    const bool is_operators = !place.is_unit_of_user && !place.is_unit_nested;
    claim.is_privileged = is_operators && target::fits_place(selection, place);
  }
  return claim;
}

}  // namespace watch
