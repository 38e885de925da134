#include "inspect/program_checks.h"

#include <algorithm>
#include <utility>

#include "probe/contract.h"

namespace inspect {
namespace {

using model::Check;

constexpr const char* kPutProbesIn =
    "write the macros of <valkyria/probes.h> where docs/instrumenting.md says";
constexpr const char* kBuildWithMetrics =
    "build it with cmake -DVALK_METRICS=1, as its Makefile does";

std::string name_old_build_without_metrics() {
  return "a Valkyria of December 2025 that was built without VALK_METRICS: it has the symbol "
         "valk_aio_active_system, and no g_valk_metrics";
}

// The contract's probes that are nowhere in the binary; those that nobody counts are no loss.
std::vector<std::string> absent_probes(const probe::SiteCheck& check) {
  std::vector<std::string> absent;
  for (const probe::ProbeSpec& spec : probe::contract()) {
    const bool good = std::any_of(check.good.begin(), check.good.end(),
                                  [&](const auto& site) { return site.spec == &spec; });
    const bool refused = std::any_of(check.refused.begin(), check.refused.end(),
                                     [&](const auto& site) { return site.probe == spec.name; });
    if (!good && !refused && spec.group) absent.emplace_back(spec.name);
  }
  return absent;
}

void append_absent(std::vector<Check>& checks, std::vector<std::string> absent,
                   const RuntimeFacts& facts) {
  const auto impossible =
      std::stable_partition(absent.begin(), absent.end(),
                            [&](const std::string& probe) { return has_place_for(facts, probe); });
  const std::vector<std::string> possible(absent.begin(), impossible);
  if (!possible.empty()) {
    checks.push_back(
        note("absent_probes",
             fmt::format("not in this binary: {}; their metrics are absent", join(possible)),
             kPutProbesIn));
  }
  const std::vector<std::string> others(impossible, absent.end());
  if (others.empty()) return;
  checks.push_back(note("no_such_probes",
                        fmt::format("this runtime has no place for: {}", join(others)),
                        facts.without_metrics ? kBuildWithMetrics : ""));
}

// Where a debug file is looked for by build id.
std::string place_by_id(const std::string& build_id) {
  return fmt::format("/usr/lib/debug/.build-id/{}/{}.debug", build_id.substr(0, 2),
                     build_id.substr(2));
}

constexpr const char* kOtherwise =
    "; what the runtime counts itself is absent, the probes' metrics are there";

Check judge_lost_debug_file(const RuntimeFacts& facts) {
  return failed(
      "state",
      fmt::format("its debug information is not at hand: it was moved to a file {} (build id {}), "
                  "and no file of this build id is at {}, nor under that name below /usr/lib/debug "
                  "or a --debug-dir{}",
                  facts.debug_link, facts.build_id, place_by_id(facts.build_id), kOtherwise),
      fmt::format("install the debug file of exactly this build as {}, or give --debug-dir with "
                  "the directory that {} is in: beside the executable is not looked",
                  place_by_id(facts.build_id), facts.debug_link));
}

Check judge_stripped(const std::string& detail, const RuntimeFacts& facts) {
  if (facts.build_id.size() < 3) {
    return failed("state", detail + "; nor has it a build id, by which these could be found",
                  "link it with -Wl,--build-id, and keep its debug information");
  }
  return failed("state", detail,
                fmt::format("install its debug file as {} (or in --debug-dir), or run "
                            "valkyria_exporter resolve --exe DEBUGBUILD -o FILE on the unstripped "
                            "build and give --layout FILE",
                            place_by_id(facts.build_id)));
}

// Why no layout was found, and what to do.
Check judge_without_layout(const std::string& problem, const RuntimeFacts& facts) {
  if (facts.without_metrics) {
    return note("state", "not read: it is " + name_old_build_without_metrics() + kOtherwise,
                kBuildWithMetrics);
  }
  const bool is_lost =
      !facts.debug_link.empty() && !facts.finds_debug_file && facts.build_id.size() >= 3;
  if (is_lost) return judge_lost_debug_file(facts);
  const std::string detail = problem + kOtherwise;
  if (facts.stripped) return judge_stripped(detail, facts);
  // Of a program with all its symbols this is just how it is, unless we know the runtime.
  if (facts.mark.empty()) return note("state", detail);
  return note("state", detail,
              "give this build debug information that can be read, as the reason says, or give a "
              "layout of this very build by --layout FILE");
}

}  // namespace

Check judge_provider(std::size_t sites, const RuntimeFacts& facts) {
  constexpr const char* kName = "provider";
  if (sites > 0) {
    return ok(kName, fmt::format("probe sites of \"{}\": {}", probe::kProvider, sites));
  }
  if (!facts.runtime.empty()) {
    return note(kName,
                fmt::format("no probes of the provider \"{}\", but a runtime that we know: it has "
                            "the symbol {} of {}. Its memory and some of its functions tell",
                            probe::kProvider, facts.mark, facts.runtime),
                fmt::format("for durations by server and by state, {}", kPutProbesIn));
  }
  if (facts.without_metrics) {
    return failed(kName,
                  fmt::format("no probes of the provider \"{}\", and {}. So it counts nothing that "
                              "could be read",
                              probe::kProvider, name_old_build_without_metrics()),
                  kBuildWithMetrics);
  }
  return failed(kName,
                fmt::format("no probes of the provider \"{}\", and no runtime that we know",
                            probe::kProvider),
                "use the pid of the runtime itself; build it with <valkyria/probes.h>, and don't "
                "strip its section .note.stapsdt");
}

std::vector<Check> judge_functions(const probe::FunctionCheck& check) {
  std::vector<Check> checks;
  std::vector<std::string> good;
  for (const probe::FunctionSite& site : check.good) {
    const std::string name(site.probe->function);
    if (std::find(good.begin(), good.end(), name) == good.end()) good.push_back(name);
  }
  if (!good.empty()) checks.push_back(ok("functions", "probed instead: " + join(good)));
  for (const probe::RefusedFunction& refused : check.refused) {
    checks.push_back(
        note(name_of(*refused.probe),
             fmt::format("not probed for {}: {}", refused.probe->probe, refused.reason)));
  }
  return checks;
}

std::vector<Check> judge_sites(const probe::SiteCheck& check, const RuntimeFacts& facts) {
  std::vector<Check> checks;
  checks.push_back(
      ok("sites", fmt::format("{} of {} keep the contract (operands, nop, semaphore)",
                              check.good.size(), check.good.size() + check.refused.size())));
  std::vector<std::string> told;
  for (const probe::RefusedSite& refused : check.refused) {
    if (std::find(told.begin(), told.end(), refused.probe) != told.end()) continue;
    told.push_back(refused.probe);
    checks.push_back(failed("site " + refused.probe, refused.reason,
                            "build the runtime with <valkyria/probes.h> as it is; until then this "
                            "probe is not attached"));
  }
  append_absent(checks, absent_probes(check), facts);
  return checks;
}

std::vector<Check> judge_state(const StateFinding& finding, const RuntimeFacts& facts) {
  constexpr const char* kName = "state";
  if (finding.layout.empty()) return {judge_without_layout(finding.problem, facts)};
  if (!finding.problem.empty()) {
    return {failed(kName, finding.problem,
                   "run doctor as root, on a process that stays; if it says so again, delete the "
                   "cache directory")};
  }
  const std::string why =
      facts.mark.empty() ? "" : fmt::format(" (it has the symbol {})", facts.mark);
  std::vector<Check> checks{
      ok(kName, fmt::format("layout {}{} from {}: {} fields, read", finding.layout, why,
                            finding.origin, finding.fields))};
  if (!finding.missing.empty()) {
    checks.push_back(note(
        "state_missing",
        fmt::format("not in this build: {}; their metrics are absent", join(finding.missing))));
  }
  return checks;
}

}  // namespace inspect
