// Work that several threads want at once, done once.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "confined/task.h"
#include "layout/found_layout.h"

namespace layout {

// Lets one thread look for a layout, and others that want the same one wait for its answer. No lock
// is held while it looks. Any thread.
class SingleFlight {
 public:
  using Answer = base::Result<FoundLayout>;
  using Work = std::function<Answer()>;

  // The answer of `work`, or that of another thread that is at work for the same key. Nothing: that
  // one took longer than `patience`. An answer of the cause kTimeout says only that the other
  // thread ran out of patience: then this one works itself.
  std::optional<Answer> share(const std::string& key, const confined::Patience& patience,
                              const Work& work);

 private:
  struct Flight {
    std::optional<Answer> answer;
  };

  Answer lead(const std::string& key, Flight& flight, const Work& work);
  Answer land(const std::string& key, Flight& flight, Answer answer);

  std::mutex mutex_;
  std::condition_variable_any landed_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;
};

}  // namespace layout
