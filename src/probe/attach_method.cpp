#include "probe/attach_method.h"

#include <sys/utsname.h>

#include "probe/kernel_facts.h"

namespace probe {
namespace {

constexpr KernelVersion kFirstGoodVersion{6, 11};

}  // namespace

AttachMethod best_attach_method(std::string_view kernel_release) {
  return parse_kernel_version(kernel_release) >= kFirstGoodVersion ? AttachMethod::kUprobeMulti
                                                                   : AttachMethod::kPerfEvent;
}

AttachMethod best_attach_method() {
  utsname name{};
  return ::uname(&name) == 0 ? best_attach_method(name.release) : AttachMethod::kPerfEvent;
}

std::string_view name_of(AttachMethod method) {
  switch (method) {
    case AttachMethod::kPerfEvent:
      return "perf event";
    case AttachMethod::kUprobeMulti:
      return "uprobe_multi";
  }
  return "unknown";
}

}  // namespace probe
