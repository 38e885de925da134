#include "state/runtimes/valkyria_2025_12_lisp.h"

#include <utility>

#include "base/clock.h"
#include "state/runtimes/valkyria_functions.h"

namespace state {
namespace {

using valkyria::RootFunctions;

constexpr valkyria::RootPaths kRoot{VALKYRIA_ROOT("g_heap_for_signal->")};

constexpr const char* kCall = "valk_lval_eval_call";
constexpr std::size_t kFunctionRegister = 4;  // rsi: its second parameter

class CallingLispFunctions : public LispFunctions {
 public:
  CallingLispFunctions(RootFunctions root, std::vector<elf::CallSite> sites)
      : root_(std::move(root)), sites_(std::move(sites)) {}

  std::vector<elf::CallSite> call_sites() const override { return sites_; }

  void prepare(memory::Memory& memory) override { root_.prepare(memory); }

  std::optional<std::string> name(const model::LispFrame& frame, memory::Memory& memory) override {
    if (frame.function == 0) return "";
    return root_.name(frame.function, memory);
  }

 private:
  RootFunctions root_;
  std::vector<elf::CallSite> sites_;
};

}  // namespace

std::vector<std::string> valkyria_2025_12_lisp_paths() {
  std::vector<std::string> paths;
  append_paths(paths, kRoot);
  return paths;
}

std::vector<elf::CallSite> find_valkyria_2025_12_calls(const elf::DebugInformation& information) {
  return elf::find_call_sites(information, kCall, kFunctionRegister);
}

std::unique_ptr<LispFunctions> open_valkyria_2025_12_lisp_functions(const Layout& layout,
                                                                    std::uint64_t load_bias) {
  auto root = RootFunctions::open(kRoot, layout, load_bias, base::monotonic_ns);
  if (!root || layout.call_sites.empty()) return nullptr;
  std::vector<elf::CallSite> sites = layout.call_sites;
  for (elf::CallSite& site : sites) site.return_address += load_bias;
  return std::make_unique<CallingLispFunctions>(std::move(*root), std::move(sites));
}

}  // namespace state
