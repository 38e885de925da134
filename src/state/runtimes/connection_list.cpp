#include "state/runtimes/connection_list.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

namespace state {
namespace {

using base::Result;

constexpr int kWalks = 6;
constexpr std::chrono::microseconds kBetweenWalks{100};
constexpr std::uint64_t kMaxHandles = 10'000;
constexpr std::uint64_t kMaxRecordBytes = 4096;
constexpr std::uint64_t kMaxStreams = 100'000;
// What a slab has around and between its items at most.
constexpr std::uint64_t kSlabHeadBytes = 4096;
constexpr std::uint64_t kItemExtraBytes = 256;

template <typename Number>
Number load(const std::vector<std::byte>& bytes, std::uint64_t offset) {
  Number number;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

std::optional<std::uint64_t> offset_of(const FieldReader& fields, const char* path) {
  const elf::Field* const field = fields.layout().find(path);
  return field != nullptr ? std::optional(field->offsets.back()) : std::nullopt;
}

// One record of another process; empty: it could not be read.
Result<std::vector<std::byte>> read_record(memory::Memory& memory, std::uint64_t address,
                                           std::uint64_t bytes) {
  std::vector<std::byte> record(bytes);
  memory::Piece piece{address, record};
  if (auto done = memory.read(std::span(&piece, 1)); !done) return base::pass_on(done);
  if (!piece.complete) record.clear();
  return record;
}

}  // namespace

void append_paths(std::vector<std::string>& paths, const ConnectionListPaths& list) {
  for (const char* path : {list.system, list.slab, list.slab_items, list.slab_item_bytes,
                           list.head_next, list.previous, list.next, list.argument, list.on_close,
                           list.on_close_function, list.connection_state, list.connection_handle,
                           list.connection_server, list.connection_streams}) {
    paths.emplace_back(path);
  }
}

ConnectionList::ConnectionList(const ConnectionListPaths& paths, const FieldReader& fields,
                               std::uint64_t load_bias)
    : system_(fields.find(paths.system)),
      slab_(fields.find(paths.slab)),
      slab_items_(fields.find(paths.slab_items)),
      slab_item_bytes_(fields.find(paths.slab_item_bytes)) {
  const auto head_next = offset_of(fields, paths.head_next);
  const auto previous = offset_of(fields, paths.previous);
  const auto next = offset_of(fields, paths.next);
  const auto argument = offset_of(fields, paths.argument);
  const auto on_close = offset_of(fields, paths.on_close);
  const elf::Field* const function = fields.layout().find(paths.on_close_function);
  const auto state = offset_of(fields, paths.connection_state);
  const auto handle = offset_of(fields, paths.connection_handle);
  const auto server = offset_of(fields, paths.connection_server);
  const auto streams = offset_of(fields, paths.connection_streams);
  if (!system_ || !slab_ || !slab_items_ || !slab_item_bytes_ || !head_next || !previous || !next ||
      !argument || !on_close || function == nullptr || !state || !handle || !server || !streams ||
      *head_next < *next) {
    return;
  }
  head_offset_ = *head_next - *next;
  previous_ = *previous;
  next_ = *next;
  argument_ = *argument;
  on_close_offset_ = *on_close;
  on_close_ = function->address + load_bias;
  state_ = *state;
  handle_ = *handle;
  server_ = *server;
  streams_ = *streams;
  handle_bytes_ = std::max({previous_, next_, argument_, on_close_offset_}) + sizeof(std::uint64_t);
  connection_bytes_ = std::max({state_, handle_, server_, streams_}) + sizeof(std::uint64_t);
  known_ = handle_bytes_ <= kMaxRecordBytes && connection_bytes_ <= kMaxRecordBytes;
}

Result<std::optional<std::vector<Connection>>> ConnectionList::read(
    memory::Memory& memory, const FieldReader& fields) const {
  for (int i = 0; i < kWalks; ++i) {
    if (i > 0) std::this_thread::sleep_for(kBetweenWalks);
    const auto handles = walk(memory, fields);
    if (!handles) continue;
    auto connections = read_connections(memory, *handles);
    if (!connections) return base::pass_on(connections);
    return std::optional(std::move(*connections));
  }
  return std::optional<std::vector<Connection>>();
}

// Follows the pointers: copying the whole slab tears more often than this.
std::optional<std::vector<ConnectionList::Handle>> ConnectionList::walk(
    memory::Memory& memory, const FieldReader& fields) const {
  const auto system = fields.number(system_);
  const auto slab = fields.number(slab_);
  const auto items = fields.number(slab_items_);
  const auto item_bytes = fields.number(slab_item_bytes_);
  if (!system || !slab || !items || !item_bytes) return std::nullopt;
  if (*items > kMaxHandles || *item_bytes > kMaxRecordBytes) return std::nullopt;
  const std::uint64_t end = *slab + kSlabHeadBytes + *items * (*item_bytes + kItemExtraBytes);
  std::uint64_t previous = *system + head_offset_;
  const auto head = read_record(memory, previous, handle_bytes_);
  if (!head || head->empty()) return std::nullopt;
  std::vector<Handle> handles;
  auto at = load<std::uint64_t>(*head, next_);
  for (std::uint64_t seen = 0; at != 0; ++seen) {
    const bool in_slab = at > *slab && at < end && end - at >= handle_bytes_ && at % 8 == 0;
    if (!in_slab || seen >= *items) return std::nullopt;
    const auto handle = read_record(memory, at, handle_bytes_);
    if (!handle || handle->empty()) return std::nullopt;
    if (load<std::uint64_t>(*handle, previous_) != previous) return std::nullopt;
    const auto connection = load<std::uint64_t>(*handle, argument_);
    if (load<std::uint64_t>(*handle, on_close_offset_) == on_close_ && connection != 0) {
      handles.push_back({at, connection});
    }
    previous = at;
    at = load<std::uint64_t>(*handle, next_);
  }
  return handles;
}

Result<std::vector<Connection>> ConnectionList::read_connections(
    memory::Memory& memory, const std::vector<Handle>& handles) const {
  std::vector<std::vector<std::byte>> records(handles.size());
  std::vector<memory::Piece> pieces;
  for (std::size_t i = 0; i < handles.size(); ++i) {
    records[i].resize(connection_bytes_);
    pieces.push_back({handles[i].connection, records[i]});
  }
  if (!pieces.empty()) {
    if (auto done = memory.read(pieces); !done) return base::pass_on(done);
  }
  std::vector<Connection> connections;
  for (std::size_t i = 0; i < handles.size(); ++i) {
    if (!pieces[i].complete) continue;
    if (load<std::uint64_t>(records[i], handle_) != handles[i].address) continue;
    const auto streams = load<std::int32_t>(records[i], streams_);
    if (streams < 0 || static_cast<std::uint64_t>(streams) > kMaxStreams) continue;
    connections.push_back({load<std::uint32_t>(records[i], state_),
                           static_cast<std::uint64_t>(streams),
                           load<std::uint64_t>(records[i], server_) != 0});
  }
  return connections;
}

}  // namespace state
