#include "probe/process_events.h"

#include <bpf/libbpf.h>
#include <valkyria/abi/target.h>

#include <cerrno>
#include <utility>

#include "base/owned.h"

namespace probe {
namespace {

ProcessEvent::Kind kind_of(std::uint32_t kind) {
  if (kind == VALK_PROCESS_FORKED) return ProcessEvent::Kind::kForked;
  return kind == VALK_PROCESS_ENDED ? ProcessEvent::Kind::kEnded : ProcessEvent::Kind::kExec;
}

int take_event(void* context, void* data, std::size_t bytes) {
  if (bytes < sizeof(valk_process_event)) return 0;
  const auto& event = *static_cast<const valk_process_event*>(data);
  static_cast<std::vector<ProcessEvent>*>(context)->push_back(
      {kind_of(event.kind), static_cast<int>(event.pid), event.wait_status});
  return 0;
}

}  // namespace

struct ProcessEventReader::Taken {
  std::vector<ProcessEvent> events;  // the ring writes into it, so it stays where it is
  base::Owned<ring_buffer, ring_buffer__free> ring;
};

base::Result<ProcessEventReader> ProcessEventReader::open(const Programs& programs) {
  auto taken = std::make_unique<Taken>();
  taken->ring.reset(
      ring_buffer__new(programs.map_fd("process_events"), take_event, &taken->events, nullptr));
  if (!taken->ring) {
    return base::fail("open the ring buffer of process events: {}", base::errno_text(errno));
  }
  return ProcessEventReader(programs, std::move(taken));
}

ProcessEventReader::ProcessEventReader(const Programs& programs, std::unique_ptr<Taken> taken)
    : programs_(&programs), taken_(std::move(taken)), lost_(lost_so_far()) {}
ProcessEventReader::ProcessEventReader(ProcessEventReader&&) noexcept = default;
ProcessEventReader::~ProcessEventReader() = default;

int ProcessEventReader::fd() const {
  return ring_buffer__epoll_fd(taken_->ring.get());
}

ProcessEvents ProcessEventReader::drain() {
  ring_buffer__consume(taken_->ring.get());
  const std::uint64_t lost_now = lost_so_far();
  return {std::exchange(taken_->events, {}), std::exchange(lost_, lost_now) != lost_now};
}

// The programs count it in slot 0, whoever that belongs to.
std::uint64_t ProcessEventReader::lost_so_far() const {
  return __atomic_load_n(&programs_->counters()[0].lost[VALK_LOSS_PROCESS_EVENTS_FULL],
                         __ATOMIC_RELAXED);
}

}  // namespace probe
