#include "layout/single_flight.h"

namespace layout {

std::optional<SingleFlight::Answer> SingleFlight::share(const std::string& key,
                                                        const confined::Patience& patience,
                                                        const Work& work) {
  while (true) {
    std::unique_lock lock(mutex_);
    const auto [place, is_leader] = flights_.try_emplace(key, nullptr);
    if (is_leader) place->second = std::make_shared<Flight>();
    const std::shared_ptr<Flight> flight = place->second;
    if (is_leader) {
      lock.unlock();
      return lead(key, *flight, work);
    }
    const bool has_landed = landed_.wait_until(lock, patience.stop, patience.deadline,
                                               [&] { return flight->answer.has_value(); });
    if (!has_landed) return std::nullopt;
    const Answer& answer = *flight->answer;
    if (answer || answer.error().cause != base::Cause::kTimeout) return answer;
  }
}

// Whatever `work` throws, nobody waits for it any longer.
SingleFlight::Answer SingleFlight::lead(const std::string& key, Flight& flight, const Work& work) {
  try {
    return land(key, flight, work());
  } catch (...) {
    land(key, flight, base::fail(base::Cause::kTimeout, "gave up"));
    throw;
  }
}

SingleFlight::Answer SingleFlight::land(const std::string& key, Flight& flight, Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    flight.answer = answer;
    flights_.erase(key);
  }
  landed_.notify_all();
  return answer;
}

}  // namespace layout
