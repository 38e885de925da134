#include "inspect/privileges.h"

#include "privilege/privilege.h"
#include "probe/attach_method.h"

namespace inspect {

base::Result<void> begin_to_attach() {
  return privilege::begin(probe::best_attach_method() == probe::AttachMethod::kPerfEvent);
}

}  // namespace inspect
