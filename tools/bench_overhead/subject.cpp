#include "subject.h"

#include <unistd.h>

#include <stdexcept>

#include "base/clock.h"
#include "bench_support/cpu_clock.h"
#include "bench_support/open_reader.h"

namespace bench {

Subject::Subject() : reader_(open_reader(minivalk_.pid(), "")) {
  if (first_cpu() == last_cpu()) {
    throw std::runtime_error("needs two CPUs, one of them for the target alone");
  }
  pin(::getpid(), last_cpu());
  pin(minivalk_.pid(), first_cpu());
}

std::uint64_t Subject::requests() {
  const state::Readings readings = value_of(reader_->read(memory_, {base::monotonic_ns(), true}));
  if (!readings.events.requests) throw std::runtime_error("the target does not count requests");
  return *readings.events.requests;
}

}  // namespace bench
