#include "state/runtimes/valkyria_2025_12_lisp.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "state/runtimes/valkyria_bodies.h"
#include "state/runtimes/valkyria_functions.h"

namespace state {
namespace {

using elf::CallSite;
using valkyria::BodyElements;
using valkyria::RootFunctions;

constexpr valkyria::RootPaths kRoot{VALKYRIA_ROOT("g_heap_for_signal->")};

constexpr const char* kCall = "valk_lval_eval_call";
constexpr const char* kEvaluate = "valk_lval_eval";
// Of the former: its whole body, or what is left of one of several expressions.
constexpr std::array<std::string_view, 2> kPartsOfBody{"body", "curr"};
constexpr std::size_t kFunctionRegister = 4;  // rsi: its second parameter

class CallingLispFunctions : public LispFunctions {
 public:
  CallingLispFunctions(RootFunctions root, std::optional<BodyElements> bodies,
                       std::vector<CallSite> sites)
      : root_(std::move(root)), bodies_(std::move(bodies)), sites_(std::move(sites)) {}

  std::vector<CallSite> call_sites() const override { return sites_; }

  void prepare(memory::Memory& memory) override {
    root_.prepare(memory);
    if (bodies_) bodies_->prepare(memory);
  }

  std::optional<std::string> name(const model::LispFrame& frame, memory::Memory& memory) override {
    if (frame.function != 0) return root_.name(frame.function, memory);
    return bodies_ && frame.witness != 0 ? bodies_->name(frame.witness, root_, memory) : "";
  }

 private:
  RootFunctions root_;
  std::optional<BodyElements> bodies_;  // none: this build does not tell what they consist of
  std::vector<CallSite> sites_;
};

}  // namespace

std::vector<std::string> valkyria_2025_12_lisp_paths() {
  std::vector<std::string> paths;
  append_paths(paths, kRoot);
  for (std::string& path : BodyElements::paths()) {
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) {
      paths.push_back(std::move(path));
    }
  }
  return paths;
}

// A call without arguments in the place of a result is a jump, and there is no site of it: such a
// function is known by its body, a part of which is in the frame that evaluates it.
std::vector<CallSite> find_valkyria_2025_12_calls(const elf::DebugInformation& information) {
  auto sites = elf::find_call_sites(information, kCall, kFunctionRegister);
  if (sites.empty()) return sites;
  const auto bodies =
      elf::find_calls_within(information, kCall, kEvaluate, kPartsOfBody, CallSite::Kind::kBody);
  sites.insert(sites.end(), bodies.begin(), bodies.end());
  sites.resize(std::min(sites.size(), elf::kMaxCallSites));
  return sites;
}

std::unique_ptr<LispFunctions> open_valkyria_2025_12_lisp_functions(const Layout& layout,
                                                                    std::uint64_t load_bias) {
  auto root = RootFunctions::open(kRoot, layout, load_bias, base::monotonic_ns);
  auto bodies = BodyElements::open(layout, load_bias, base::monotonic_ns);
  if (!root || layout.call_sites.empty()) return nullptr;
  std::vector<CallSite> sites = layout.call_sites;
  for (CallSite& site : sites) site.return_address += load_bias;
  return std::make_unique<CallingLispFunctions>(std::move(*root), std::move(bodies),
                                                std::move(sites));
}

}  // namespace state
