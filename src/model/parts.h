// The parts that the model is made of, and the labels by which those of one kind are told apart.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <type_traits>

#include "model/names.h"
#include "model/snapshot.h"

namespace model {

template <typename Part>
struct Label {
  std::string_view name;
  std::string_view (*value)(const Part&);
};

template <auto member, typename Part>
std::string_view text_of(const Part& part) {
  return part.*member;
}

template <auto member, typename Part>
std::string_view word_of(const Part& part) {
  return name_of(part.*member);
}

// In the order in which they are shown. None: there is only one such part.
template <typename Part>
inline constexpr std::array<Label<Part>, 0> kLabels{};

template <>
inline constexpr std::array<Label<ProcessIdentity>, 7> kLabels<ProcessIdentity>{{
    {"exe", text_of<&ProcessIdentity::exe>},
    {"script", text_of<&ProcessIdentity::script>},
    {"build_id", text_of<&ProcessIdentity::build_id>},
    {"layout", text_of<&ProcessIdentity::layout>},
    {"container", text_of<&ProcessIdentity::container>},
    {"unit", text_of<&ProcessIdentity::unit>},
    {"pod", text_of<&ProcessIdentity::pod>},
}};
template <>
inline constexpr std::array<Label<SystemMetrics>, 1> kLabels<SystemMetrics>{{
    {"system", text_of<&SystemMetrics::name>},
}};
template <>
inline constexpr std::array<Label<ConnectionTransition>, 2> kLabels<ConnectionTransition>{{
    {"from", word_of<&ConnectionTransition::from>},
    {"to", word_of<&ConnectionTransition::to>},
}};
template <>
inline constexpr std::array<Label<ConnectionStateDuration>, 1> kLabels<ConnectionStateDuration>{{
    {"state", word_of<&ConnectionStateDuration::state>},
}};
template <>
inline constexpr std::array<Label<ServerMetrics>, 3> kLabels<ServerMetrics>{{
    {"server", text_of<&ServerMetrics::host>},
    {"port", text_of<&ServerMetrics::port>},
    {"protocol", text_of<&ServerMetrics::protocol>},
}};
template <>
inline constexpr std::array<Label<StatusCount>, 1> kLabels<StatusCount>{{
    {"status", word_of<&StatusCount::status>},
}};
template <>
inline constexpr std::array<Label<ClientMetrics>, 2> kLabels<ClientMetrics>{{
    {"client", text_of<&ClientMetrics::name>},
    {"type", text_of<&ClientMetrics::type>},
}};
template <>
inline constexpr std::array<Label<ProcessStateFlag>, 1> kLabels<ProcessStateFlag>{{
    {"state", word_of<&ProcessStateFlag::state>},
}};
template <>
inline constexpr std::array<Label<GroupStatus>, 1> kLabels<GroupStatus>{{
    {"group", text_of<&GroupStatus::group>},
}};
template <>
inline constexpr std::array<Label<EvalMetrics>, 1> kLabels<EvalMetrics>{{
    {"kind", word_of<&EvalMetrics::kind>},
}};
template <>
inline constexpr std::array<Label<FunctionMetrics>, 1> kLabels<FunctionMetrics>{{
    {"function", text_of<&FunctionMetrics::name>},
}};
template <>
inline constexpr std::array<Label<ProbeStatus>, 1> kLabels<ProbeStatus>{{
    {"probe", text_of<&ProbeStatus::probe>},
}};
template <>
inline constexpr std::array<Label<LossCount>, 1> kLabels<LossCount>{{
    {"cause", text_of<&LossCount::cause>},
}};
template <>
inline constexpr std::array<Label<MissedCount>, 1> kLabels<MissedCount>{{
    {"event", text_of<&MissedCount::event>},
}};
template <>
inline constexpr std::array<Label<DroppedConnections>, 1> kLabels<DroppedConnections>{{
    {"limit", text_of<&DroppedConnections::limit>},
}};
template <>
inline constexpr std::array<Label<TargetCount>, 1> kLabels<TargetCount>{{
    {"state", text_of<&TargetCount::state>},
}};
template <>
inline constexpr std::array<Label<HttpRequestCount>, 2> kLabels<HttpRequestCount>{{
    {"handler", text_of<&HttpRequestCount::handler>},
    {"code", text_of<&HttpRequestCount::code>},
}};
template <>
inline constexpr std::array<Label<FailedHandshakes>, 1> kLabels<FailedHandshakes>{{
    {"cause", text_of<&FailedHandshakes::cause>},
}};
template <>
inline constexpr std::array<Label<CaptureCount>, 1> kLabels<CaptureCount>{{
    {"rule", text_of<&CaptureCount::rule>},
}};
template <>
inline constexpr std::array<Label<CollectorRun>, 1> kLabels<CollectorRun>{{
    {"collector", text_of<&CollectorRun::collector>},
}};
template <>
inline constexpr std::array<Label<DroppedSeries>, 1> kLabels<DroppedSeries>{{
    {"reason", text_of<&DroppedSeries::reason>},
}};

// Whether they have the same labels.
template <typename Part>
bool is_same(const Part& a, const Part& b) {
  return std::all_of(kLabels<Part>.begin(), kLabels<Part>.end(),
                     [&](const Label<Part>& label) { return label.value(a) == label.value(b); });
}

// The parts of this kind that a target has.
template <typename Part>
std::span<const Part> parts_of(const TargetMetrics& target) {
  if constexpr (std::is_same_v<Part, TargetMetrics>) return {&target, 1};
  if constexpr (std::is_same_v<Part, ProcessMetrics>) return {&target.process_metrics, 1};
  if constexpr (std::is_same_v<Part, GcMetrics>) return {&target.gc, 1};
  if constexpr (std::is_same_v<Part, InterpreterMetrics>) return {&target.interpreter, 1};
  if constexpr (std::is_same_v<Part, SystemMetrics>) return target.systems;
  if constexpr (std::is_same_v<Part, ServerMetrics>) return target.servers;
  if constexpr (std::is_same_v<Part, ClientMetrics>) return target.clients;
  if constexpr (std::is_same_v<Part, EvalMetrics>) return target.evals;
  if constexpr (std::is_same_v<Part, FunctionMetrics>) return target.functions;
  if constexpr (std::is_same_v<Part, GroupStatus>) return target.groups;
  if constexpr (std::is_same_v<Part, CollectorRun>) return target.collectors;
  return {};
}

// The parts of this kind that we ourselves have.
template <typename Part>
std::span<const Part> parts_of(const ExporterStatus& exporter) {
  if constexpr (std::is_same_v<Part, ExporterStatus>) return {&exporter, 1};
  if constexpr (std::is_same_v<Part, ProcessMetrics>) return {&exporter.process_metrics, 1};
  if constexpr (std::is_same_v<Part, ProbeStatus>) return exporter.probes;
  if constexpr (std::is_same_v<Part, LossCount>) return exporter.lost_events;
  if constexpr (std::is_same_v<Part, MissedCount>) return exporter.missed_events;
  if constexpr (std::is_same_v<Part, DroppedConnections>) return exporter.dropped_connections;
  if constexpr (std::is_same_v<Part, HttpRequestCount>) return exporter.http_requests;
  if constexpr (std::is_same_v<Part, FailedHandshakes>) return exporter.failed_handshakes;
  if constexpr (std::is_same_v<Part, CaptureCount>) return exporter.captures;
  if constexpr (std::is_same_v<Part, TargetCount>) return exporter.targets;
  if constexpr (std::is_same_v<Part, CollectorRun>) return exporter.collectors;
  return {};
}

}  // namespace model
