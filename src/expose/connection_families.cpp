#include "expose/target_series.h"
#include "model/names.h"

namespace expose {

namespace {

using model::SystemMetrics;

constexpr std::array<NumberFamily<SystemMetrics>, 2> kRequestBytes{{
    {"valk_aio_request_bytes_sent_total", FamilyType::kCounter,
     "Bytes sent by requests to all servers of a system", Since::kAttach,
     &SystemMetrics::request_bytes_sent},
    {"valk_aio_request_bytes_recv_total", FamilyType::kCounter,
     "Bytes received with requests to all servers of a system", Since::kAttach,
     &SystemMetrics::request_bytes_received},
}};

constexpr auto kSystemsOfTarget = [](const model::TargetMetrics& target, auto visit) {
  for (const SystemMetrics& system : target.systems) visit(system, {{"system", system.name}});
};

}  // namespace

std::vector<Family> system_request_families(Targets targets) {
  std::vector<Family> families{
      {"valk_aio_request_duration_seconds",
       FamilyType::kHistogram,
       help_text("Request latency in seconds, of all servers of a system together,",
                 Since::kAttach),
       {}}};
  for (const auto& target : targets) {
    TargetSeries series(families[0], target);
    for (const SystemMetrics& system : target.systems) {
      if (system.request_duration_ns) {
        series.add({{"system", system.name}}, *system.request_duration_ns);
      }
    }
  }
  append_families(families, targets, kRequestBytes, kSystemsOfTarget);
  return families;
}

std::vector<Family> connection_families(Targets targets) {
  std::vector<Family> families{
      {"valk_aio_connection_transitions_total",
       FamilyType::kCounter,
       help_text("Changes of connections from one state to another", Since::kAttach),
       {}},
      {"valk_aio_connection_state_duration_seconds",
       FamilyType::kHistogram,
       help_text("Seconds that a connection spent in a state, counted when it leaves the state,",
                 Since::kAttach) +
           " For state active it is the duration of the request that made the connection active.",
       {}}};
  for (const auto& target : targets) {
    TargetSeries transitions(families[0], target);
    TargetSeries durations(families[1], target);
    for (const auto& system : target.systems) {
      for (const auto& transition : system.transitions) {
        transitions.add({{"system", system.name},
                         {"from", name_of(transition.from)},
                         {"to", name_of(transition.to)}},
                        transition.count);
      }
      for (const auto& entry : system.state_durations) {
        durations.add({{"system", system.name}, {"state", name_of(entry.state)}},
                      entry.duration_ns);
      }
    }
  }
  return families;
}

}  // namespace expose
