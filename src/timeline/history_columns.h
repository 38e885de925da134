// Which numbers are kept of each second.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "model/snapshot.h"

namespace timeline {

// One column: its name, and its value at a moment, NaN where that is not known.
template <typename Metrics>
struct ColumnOf {
  std::string_view name;
  double (*value)(const Metrics&);
};

template <typename Metrics>
std::span<const ColumnOf<Metrics>> columns_of();

template <>
std::span<const ColumnOf<model::TargetMetrics>> columns_of();
template <>
std::span<const ColumnOf<model::SystemMetrics>> columns_of();
template <>
std::span<const ColumnOf<model::ServerMetrics>> columns_of();
template <>
std::span<const ColumnOf<model::ClientMetrics>> columns_of();

// What is kept of latencies; null: of none.
const model::Histogram* latency_of(const model::SystemMetrics& system);
const model::Histogram* latency_of(const model::ServerMetrics& server);
const model::Histogram* latency_of(const model::ClientMetrics& client);

}  // namespace timeline
