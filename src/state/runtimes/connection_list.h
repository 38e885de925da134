// The connections of a runtime that keeps them in a list of handles.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "memory/memory.h"
#include "state/field_reader.h"

namespace state {

// What is wanted of one connection.
struct Connection {
  std::uint64_t state = 0;  // the runtime's own number for it
  std::uint64_t active_streams = 0;
  bool is_server_side = false;
};

// Where the list and its parts stand.
struct ConnectionListPaths {
  const char* system;  // the pointer that everything hangs on
  const char* slab;    // of the handles, itself a pointer
  const char* slab_items;
  const char* slab_item_bytes;
  const char* head_next;  // in the handle that is embedded in the system and no connection
  // Members of a handle, and of the connection that its argument points to, in their types.
  const char* previous;
  const char* next;
  const char* argument;
  const char* on_close;
  const char* on_close_function;  // it marks the handle of a connection
  const char* connection_state;
  const char* connection_handle;
  const char* connection_server;
  const char* connection_streams;
};

void append_paths(std::vector<std::string>& paths, const ConnectionListPaths& list);

// Walks the list by its pointers while the runtime changes it. Every step is checked (alignment,
// within the slab, back-link, no more handles than the slab has), and a walk that fails is begun
// anew. The runtime frees a connection before it unlinks its handle: one is taken only if it points
// back at its handle.
class ConnectionList {
 public:
  ConnectionList(const ConnectionListPaths& paths, const FieldReader& fields,
                 std::uint64_t load_bias);

  bool is_known() const { return known_; }

  // `fields` has read the system just now. None: the list changed under every walk.
  base::Result<std::optional<std::vector<Connection>>> read(memory::Memory& memory,
                                                            const FieldReader& fields) const;

 private:
  struct Handle {
    std::uint64_t address = 0;
    std::uint64_t connection = 0;
  };

  std::optional<std::vector<Handle>> walk(memory::Memory& memory, const FieldReader& fields) const;
  base::Result<std::vector<Connection>> read_connections(memory::Memory& memory,
                                                         const std::vector<Handle>& handles) const;

  FieldHandle system_, slab_, slab_items_, slab_item_bytes_;
  std::uint64_t head_offset_ = 0;                                               // in the system
  std::uint64_t previous_ = 0, next_ = 0, argument_ = 0, on_close_offset_ = 0;  // in a handle
  std::uint64_t on_close_ = 0;  // the function's address in the process
  std::uint64_t state_ = 0, handle_ = 0, server_ = 0, streams_ = 0;  // in a connection
  std::uint64_t handle_bytes_ = 0;
  std::uint64_t connection_bytes_ = 0;
  bool known_ = false;
};

}  // namespace state
