#include "probe/function_probes.h"

#include <algorithm>
#include <array>

#include "elf/symbols.h"
#include "elf/usdt.h"
#include "probe/kernel_facts.h"

namespace probe {
namespace {

constexpr std::string_view k2025 = "valkyria_2025_12";
constexpr std::string_view k2026 = "valkyria_2026_02";

// With the arguments that the programs take.
constexpr std::array kFunctionProbes{
    // size_t (heap, additional_root): bytes reclaimed. One thread collects, and stops nobody else.
    FunctionProbe{k2025, "valk_gc_malloc_collect", At::kEntry, "gc__begin", VALK_ON_GC_COLLECT},
    FunctionProbe{k2025, "valk_gc_malloc_collect", At::kReturn, "gc__end",
                  VALK_ON_GC_COLLECT_RETURN},
    // void (metrics, bool success)
    FunctionProbe{k2025, "valk_aio_metrics_on_connection", At::kEntry, "connection__state",
                  VALK_ON_CONNECTION_ACCEPTED},
    // void (metrics)
    FunctionProbe{k2025, "valk_aio_metrics_on_close", At::kEntry, "connection__state",
                  VALK_ON_CONNECTION_CLOSED},
    // void (metrics, bool error, duration_us, bytes_sent, bytes_received)
    FunctionProbe{k2025, "valk_aio_metrics_on_stream_end", At::kEntry, "request__end",
                  VALK_ON_STREAM_END},
    // void (client, duration_us, bool error, bool retry)
    FunctionProbe{k2025, "valk_http_client_on_operation", At::kEntry, "client__operation",
                  VALK_ON_CLIENT_OPERATED},
    // void (client, bool hit)
    FunctionProbe{k2025, "valk_http_client_on_cache", At::kEntry, "client__cache",
                  VALK_ON_CLIENT_LOOKED_UP},

    // size_t (heap): bytes reclaimed, 0 where another thread was faster. valk_gc_heap_request_stw,
    // which it begins with, is inlined.
    FunctionProbe{k2026, "valk_gc_heap_collect", At::kEntry, "gc__request", VALK_ON_GC_CALL},
    FunctionProbe{k2026, "valk_gc_heap_parallel_mark", At::kEntry, "gc__begin",
                  VALK_ON_GC_CALL_MARK},
    FunctionProbe{k2026, "valk_gc_heap_collect", At::kReturn, "gc__end", VALK_ON_GC_CALL_RETURN},
    // int (ssl, context): called once for each connection that was not shed
    FunctionProbe{k2026, "valk_aio_ssl_accept", At::kEntry, "connection__state",
                  VALK_ON_CONNECTION_BEGUN},
    // void (handle)
    FunctionProbe{k2026, "valk_http2_conn_on_disconnect", At::kEntry, "connection__state",
                  VALK_ON_CONNECTION_CLOSED},
};

constexpr KernelVersion kReturnsBySystemCall{6, 11};

std::optional<std::string> fault_of(const elf::ElfFile& file, const FunctionProbe& probe,
                                    const std::optional<std::string>& return_fault,
                                    FunctionSite& site) {
  const auto symbol = elf::find_symbol(file, probe.function);
  if (!symbol || !symbol->is_function || symbol->size_bytes == 0) {
    return "this build has no such function";
  }
  const auto offset = file.code_offset(symbol->address);
  if (!offset) return "it stands outside the file's code";
  if (elf::read_instruction(file, *offset) == elf::SiteInstruction::kNop5) {
    return "it begins with a 5-byte nop, which Linux 6.18 rewrites into a call that damages the "
           "caller's stack";
  }
  if (probe.at == At::kReturn && return_fault) return return_fault;
  site = {&probe, *offset, symbol->address};
  return std::nullopt;
}

// What is good alone, of a group of which something is refused.
void refuse_halves(FunctionCheck& check) {
  std::vector<RefusedFunction> halves;
  for (const RefusedFunction& refused : check.refused) {
    std::erase_if(check.good, [&](const FunctionSite& site) {
      if (group_of(*site.probe) != group_of(*refused.probe)) return false;
      halves.push_back({site.probe, fmt::format("of no use without the {}, which is refused",
                                                name_of(*refused.probe))});
      return true;
    });
  }
  check.refused.insert(check.refused.end(), halves.begin(), halves.end());
}

}  // namespace

std::span<const FunctionProbe> function_probes() {
  return kFunctionProbes;
}

FunctionCheck check_functions(const elf::ElfFile& file, std::string_view runtime,
                              const std::optional<std::string>& return_fault) {
  FunctionCheck check;
  for (const FunctionProbe& probe : kFunctionProbes) {
    if (probe.runtime != runtime) continue;
    FunctionSite site;
    if (auto fault = fault_of(file, probe, return_fault, site)) {
      check.refused.push_back({&probe, std::move(*fault)});
    } else {
      check.good.push_back(site);
    }
  }
  refuse_halves(check);
  return check;
}

std::vector<Site> sites_of(const FunctionCheck& check) {
  std::vector<Site> sites;
  for (const FunctionSite& site : check.good) {
    const FunctionProbe& probe = *site.probe;
    sites.push_back(
        {find_probe(probe.probe), probe.handler, probe.at, site.file_offset, site.address, 0, 0});
  }
  return sites;
}

std::optional<std::string> find_return_fault(bool is_under_seccomp,
                                             std::string_view kernel_release) {
  if (!is_under_seccomp || parse_kernel_version(kernel_release) < kReturnsBySystemCall) {
    return std::nullopt;
  }
  return "the process is under seccomp, and since Linux 6.11 a probed return makes a system call "
         "that the filter may answer by killing it";
}

std::string name_of(const FunctionProbe& probe) {
  switch (probe.at) {
    case At::kEntry:
      return fmt::format("entry of {}", probe.function);
    case At::kReturn:
      return fmt::format("return of {}", probe.function);
  }
  return std::string(probe.function);
}

Group group_of(const FunctionProbe& probe) {
  return *find_probe(probe.probe)->group;
}

}  // namespace probe
