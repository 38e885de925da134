// The requests of a server that are in none of the classes of status that its runtime counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "memory/memory.h"
#include "model/snapshot.h"
#include "state/field_reader.h"

namespace state {

// What a series counts. A shed request is in a class, 5xx, and not in kAll.
enum class RequestPart { kShed, kAll, kClass };

// The public runtimes count 2xx, 4xx and 5xx, and all that ended: the rest had another status, or
// none. Each counter is raised for itself while we read, so the rest is a difference of moments: it
// may come out too large, and must not then be told, since no counter may fall later.
class RequestRest {
 public:
  // A series of the server, by its place in the registry's array of counters.
  void add(RequestPart part, std::size_t index, model::Count value);

  // By what was added. Unknown where a number is, and where the server has not just one series of
  // each kind and class.
  model::Count first_look() const;

  // By the counters as they are now, read one after the other so that the rest is never too large
  // but by what is being counted at that moment. Fails when memory can't be read.
  base::Result<model::Count> second_look(memory::Memory& memory, const FieldReader& fields,
                                         FieldHandle counter) const;

 private:
  struct Series {
    RequestPart part = RequestPart::kAll;
    std::size_t index = 0;
    model::Count value;
  };

  static model::Count rest_of(const std::vector<Series>& series);

  std::vector<Series> series_;
};

}  // namespace state
