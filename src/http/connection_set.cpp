#include "http/connection_set.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace http {
namespace {

using Phase = Connection::Phase;

// Who has only just begun to read is not slow yet.
constexpr std::chrono::seconds kMinJudged{1};

bool is_judged(const Connection& connection, Connection::TimePoint now) {
  return now - connection.since() >= kMinJudged;
}

// Who has only just connected has not asked yet because his request is still on its way.
constexpr std::chrono::milliseconds kMinSilent{50};
// Who was answered less than this ago reads well. To hold all places by that alone takes a thousand
// requests a second.
constexpr std::chrono::milliseconds kMinKnownSilent{250};

// Whom room is made of, the first first. Who can't be judged yet goes last, but not never:
// otherwise as many as there are places, who connect again each second, would be everybody.
enum class Missed {
  kEnding,  // only waits for the client's end
  kNeverAsked,
  kSilent,  // was answered, and has not asked again for a while
  kSlowReader,
  kNewReader,  // has only just begun to read
  kNewcomer,   // has only just connected
  kJustAnswered,
};

// None: stays.
std::optional<Missed> missed_if_dropped(const Connection& connection, Connection::TimePoint now) {
  const auto age = now - connection.since();
  switch (connection.phase()) {
    case Phase::kLingering:
    case Phase::kOver:
      return Missed::kEnding;
    case Phase::kReading:
      if (connection.is_known()) {
        if (age < kMinKnownSilent) return std::nullopt;
        return age >= kMinJudged ? Missed::kSilent : Missed::kJustAnswered;
      }
      // Nobody has looked yet whether he has asked.
      if (age == Connection::TimePoint::duration::zero()) return std::nullopt;
      return age >= kMinSilent ? Missed::kNeverAsked : Missed::kNewcomer;
    case Phase::kWriting:
      if (connection.waiting_bytes() == 0) return std::nullopt;
      return age >= kMinJudged ? Missed::kSlowReader : Missed::kNewReader;
    case Phase::kComputing:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

void ConnectionSet::add(std::unique_ptr<Connection> connection) {
  connections_.emplace(next_id_++, std::move(connection));
}

Connection* ConnectionSet::find(ConnectionId id) const {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

std::vector<ConnectionId> ConnectionSet::ids() const {
  std::vector<ConnectionId> ids;
  ids.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) ids.push_back(id);
  return ids;
}

std::size_t ConnectionSet::waiting_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [id, connection] : connections_) bytes += connection->waiting_bytes();
  return bytes;
}

bool ConnectionSet::is_busy() const {
  return std::any_of(connections_.begin(), connections_.end(), [](const auto& entry) {
    const Phase phase = entry.second->phase();
    return phase == Phase::kComputing || phase == Phase::kWriting;
  });
}

ConnectionSet::TimePoint ConnectionSet::deadline() const {
  auto first = TimePoint::max();
  for (const auto& [id, connection] : connections_) first = std::min(first, connection->deadline());
  return first;
}

ConnectionSet::Connections::const_iterator ConnectionSet::least_missed(TimePoint now) const {
  auto victim = connections_.end();
  std::pair<Missed, TimePoint> smallest;
  for (auto entry = connections_.begin(); entry != connections_.end(); ++entry) {
    const auto missed = missed_if_dropped(*entry->second, now);
    if (!missed) continue;
    const std::pair key{*missed, entry->second->since()};
    if (victim != connections_.end() && smallest <= key) continue;
    victim = entry;
    smallest = key;
  }
  return victim;
}

bool ConnectionSet::can_make_room(TimePoint now) const {
  return least_missed(now) != connections_.end();
}

bool ConnectionSet::drop_for_room(TimePoint now) {
  const auto victim = least_missed(now);
  if (victim == connections_.end()) return false;
  connections_.erase(victim);
  return true;
}

bool ConnectionSet::drop_slowest(TimePoint now) {
  auto victim = connections_.end();
  int readers = 0;
  std::pair<bool, double> smallest;
  for (auto entry = connections_.begin(); entry != connections_.end(); ++entry) {
    const Connection& connection = *entry->second;
    if (connection.waiting_bytes() == 0) continue;
    ++readers;
    const std::pair key{!is_judged(connection, now), connection.bytes_per_s(now)};
    if (victim != connections_.end() && smallest <= key) continue;
    victim = entry;
    smallest = key;
  }
  if (readers < 2) return false;
  connections_.erase(victim);
  return true;
}

}  // namespace http
