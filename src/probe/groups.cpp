#include "probe/groups.h"

#include <valkyria/abi/client.h>
#include <valkyria/abi/connection.h>
#include <valkyria/abi/endpoint.h>
#include <valkyria/abi/eval.h>
#include <valkyria/abi/event.h>
#include <valkyria/abi/function.h>
#include <valkyria/abi/gc.h>
#include <valkyria/abi/http.h>
#include <valkyria/abi/loop.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "probe/slot_map.h"

namespace probe {
namespace {

constexpr valk_endpoint other_endpoint(std::uint32_t slot) {
  return {.system = VALK_OTHER_ID,
          .server = VALK_OTHER_ID,
          .slot = slot,
          .port = 0,
          .tls = 0,
          .pad = 0};
}

constexpr valk_client_key other_client(std::uint32_t slot) {
  return {.client = VALK_OTHER_ID, .slot = slot, .pad = 0};
}

// As the program makes it: no name that is read ends so.
constexpr valk_function_key other_function(std::uint32_t slot) {
  valk_function_key key{};
  key.name[VALK_NAME_BYTES - 1] = 1;
  key.slot = slot;
  return key;
}

constexpr SlotMap kEndpointNames{"endpoint_names", delete_slot<valk_endpoint>, nullptr};

// A ring has no parts.
void forget_nothing(int, std::uint32_t) {}
constexpr SlotMap kEvents{"events", forget_nothing, nullptr};
constexpr SlotMap kPauses{"pauses", zero_slot<valk_pauses>, nullptr};

constexpr std::array kGcMaps{
    SlotMap{"gc_heaps", delete_slot<valk_gc_heap_key>, nullptr},
    SlotMap{"gc_calls", delete_slot<valk_gc_call_key>, nullptr, true},
    SlotMap{"gc_places", zero_slot<valk_gc_place>, nullptr},
    kPauses,
    kEvents,
};
constexpr std::array kEvalMaps{
    SlotMap{"open_evals", delete_slot<valk_eval_context>, nullptr, true},
    SlotMap{"evals", zero_slot<valk_evals>, nullptr},
};
constexpr std::array kConnectionMaps{
    SlotMap{"connections", delete_slot<valk_endpoint>,
            make_other<valk_connections, other_endpoint>},
    kEndpointNames,
};
constexpr std::array kHttpMaps{
    SlotMap{"http_servers", delete_slot<valk_endpoint>,
            make_other<valk_http_server, other_endpoint>},
    kEndpointNames,
    kPauses,
};
constexpr std::array kClientMaps{
    SlotMap{"clients", delete_slot<valk_client_key>, make_other<valk_client, other_client>},
    SlotMap{"client_names", delete_slot<valk_client_key>, nullptr},
};
constexpr std::array kLoopMaps{
    SlotMap{"loops", delete_slot<valk_endpoint>, make_other<valk_loop, other_endpoint>},
    kEndpointNames,
    kEvents,
};
constexpr std::array kFunctionMaps{
    SlotMap{"function_calls", delete_slot<valk_call_key>, nullptr, true},
    SlotMap{"functions", delete_slot<valk_function_key>, make_other<valk_function, other_function>},
};

constexpr std::array kGroups{
    GroupSpec{Group::kGc, "gc", CostClass::kLight, true,
              "three hits a collection, and one for each thread that stops for it", kGcMaps},
    GroupSpec{Group::kEval, "eval", CostClass::kMedium, true,
              "two hits a script form, REPL line, timer or task", kEvalMaps},
    GroupSpec{Group::kConnection, "connection", CostClass::kLight, true, "four hits a connection",
              kConnectionMaps},
    GroupSpec{Group::kHttp, "http", CostClass::kMedium, true, "one hit a request", kHttpMaps},
    GroupSpec{Group::kClient, "client", CostClass::kMedium, true,
              "one hit an operation and one a cache look-up", kClientMaps},
    GroupSpec{Group::kLoop, "loop", CostClass::kLight, true,
              "one hit a turn of the event loop that takes a millisecond", kLoopMaps},
    GroupSpec{Group::kFunction, "function", CostClass::kHeavy, false,
              "two hits a call of a Lisp function", kFunctionMaps},
};

}  // namespace

std::span<const GroupSpec> groups() {
  return kGroups;
}

const GroupSpec& spec_of(Group group) {
  const auto* const found = std::find_if(
      kGroups.begin(), kGroups.end(), [&](const GroupSpec& spec) { return spec.group == group; });
  assert(found != kGroups.end());
  return *found;
}

std::string_view name_of(Group group) {
  return spec_of(group).name;
}

std::string_view name_of(CostClass cost) {
  switch (cost) {
    case CostClass::kLight:
      return "light";
    case CostClass::kMedium:
      return "medium";
    case CostClass::kHeavy:
      return "heavy";
  }
  return "unknown";
}

std::string default_groups() {
  std::string list;
  for (const GroupSpec& spec : kGroups) {
    if (!spec.by_default) continue;
    list += list.empty() ? "" : ",";
    list += spec.name;
  }
  return list;
}

base::Result<std::vector<Group>> parse_groups(std::string_view list) {
  std::vector<Group> chosen;
  for (;;) {
    const std::size_t comma = list.find(',');
    const std::string_view word = list.substr(0, comma);
    const auto* found = std::find_if(kGroups.begin(), kGroups.end(),
                                     [&](const GroupSpec& spec) { return spec.name == word; });
    if (found == kGroups.end()) {
      return base::fail("probe group \"{}\": use {}, function, separated by commas", word,
                        default_groups());
    }
    if (std::find(chosen.begin(), chosen.end(), found->group) == chosen.end()) {
      chosen.push_back(found->group);
    }
    if (comma == std::string_view::npos) return chosen;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace probe
