#include "probe/sampler.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <valkyria/abi/event.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "base/owned.h"
#include "base/unique_fd.h"
#include "probe/kernel.h"
#include "probe/rooms.h"
#include "sample.skel.h"

namespace probe {
namespace {

using base::fail;
using base::Result;

// One event of this processor's clock. By the software clock: machines without hardware counters
// have it too. What idles is nobody's time.
base::UniqueFd open_clock(int cpu, std::uint32_t hz) {
  perf_event_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.config = PERF_COUNT_SW_CPU_CLOCK;
  attributes.freq = 1;
  attributes.sample_freq = hz;
  attributes.exclude_idle = 1;
  return base::UniqueFd(static_cast<int>(
      ::syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC)));
}

valk_evaluation told(const model::LispEvaluation& evaluation) {
  valk_evaluation told{};
  told.runtime = evaluation.runtime_address;
  told.thread_bytes = evaluation.thread_bytes;
  told.max_threads = evaluation.max_threads;
  told.handle_offset = evaluation.handle_offset;
  told.context_offset = evaluation.context_offset;
  told.stack_offset = evaluation.stack_offset;
  told.expression_offset = evaluation.expression_offset;
  told.frames_offset = evaluation.frames_offset;
  told.count_offset = evaluation.count_offset;
  told.capacity_offset = evaluation.capacity_offset;
  told.outer_offset = evaluation.outer_offset;
  told.frame_bytes = evaluation.frame_bytes;
  told.kind_offset = evaluation.kind_offset;
  told.environment_offset = evaluation.environment_offset;
  told.parent_offset = evaluation.parent_offset;
  told.head_offset = evaluation.head_offset;
  told.tail_offset = evaluation.tail_offset;
  std::copy(evaluation.end_distances.begin(), evaluation.end_distances.end(), told.end_distances);
  told.flags_offset = evaluation.flags_offset;
  told.call_mask = evaluation.call_mask;
  told.call_flags = evaluation.call_flags;
  static_assert(std::tuple_size_v<decltype(evaluation.kinds)> == VALK_CONTINUATION_KINDS);
  for (std::size_t kind = 0; kind < evaluation.kinds.size(); ++kind) {
    told.kinds[kind] = {static_cast<std::uint16_t>(evaluation.kinds[kind].role),
                        evaluation.kinds[kind].offset};
  }
  return told;
}

model::LispEnding lisp_ending_of(std::uint32_t flags) {
  if ((flags & VALK_SAMPLE_LISP_BROKEN) != 0) return model::LispEnding::kBroken;
  if ((flags & VALK_SAMPLE_LISP_CUT) != 0) return model::LispEnding::kCut;
  return model::LispEnding::kWhole;
}

}  // namespace

static_assert(model::kSampledRegisters == VALK_REGISTERS);
using Role = model::Continuation::Role;
static_assert(static_cast<int>(Role::kNode) == VALK_CONTINUATION_NODE);
static_assert(static_cast<int>(Role::kRest) == VALK_CONTINUATION_REST);
static_assert(static_cast<int>(Role::kCall) == VALK_CONTINUATION_CALL);
static_assert(static_cast<int>(Role::kBottom) == VALK_CONTINUATION_BOTTOM);

struct Sampler::Loaded {
  base::Owned<sample_bpf, sample_bpf::destroy> object;
  std::vector<base::UniqueFd> clocks;
  std::vector<base::Owned<bpf_link, bpf_link__destroy>> links;
  base::Owned<ring_buffer, ring_buffer__free> ring;
  const std::function<void(model::StackSample)>* taker = nullptr;  // while somebody takes

  // The kernel wrote the record, the target what is in it; the length is the record's own.
  static int hand_on(void* context, void* data, std::size_t bytes) {
    if (bytes < sizeof(valk_sample)) return 0;
    const auto* const told = static_cast<const valk_sample*>(data);
    const std::size_t lisp_bytes = std::size_t{told->lisp_frames} * sizeof(valk_lisp_frame);
    if (bytes - sizeof(valk_sample) < lisp_bytes + told->stack_bytes) return 0;
    model::StackSample sample;
    sample.slot = told->slot;
    sample.thread = told->thread;
    sample.time_ns = told->time_ns;
    std::memcpy(sample.registers.data(), told->registers, sizeof(told->registers));
    sample.is_in_kernel = (told->flags & VALK_SAMPLE_IN_KERNEL) != 0;
    sample.is_in_pause = (told->flags & VALK_SAMPLE_IN_PAUSE) != 0;
    sample.collects = (told->flags & VALK_SAMPLE_COLLECTS) != 0;
    sample.lisp_ending = lisp_ending_of(told->flags);
    sample.stack_address = told->stack_address;
    const auto* const rest = static_cast<const std::byte*>(data) + sizeof(valk_sample);
    sample.lisp.resize(told->lisp_frames);
    static_assert(sizeof(model::LispFrame) == sizeof(valk_lisp_frame));
    if (lisp_bytes != 0) std::memcpy(sample.lisp.data(), rest, lisp_bytes);
    const std::span stack(rest + lisp_bytes, told->stack_bytes);
    sample.stack.assign(stack.begin(), stack.end());
    (*static_cast<Loaded*>(context)->taker)(std::move(sample));
    return 0;
  }

  Result<void> load(const Programs& programs, const SamplerOptions& options);
  Result<void> attach(std::uint32_t hz);
};

std::uint32_t ring_bytes_for(const SamplerOptions& options, int cpus) {
  constexpr std::uint64_t kLeast = 1024 * 1024;
  constexpr std::uint64_t kTakesPerSecond = 4;
  const std::uint64_t sample_bytes =
      options.stack_bytes + sizeof(valk_sample) + VALK_MAX_LISP_FRAMES * sizeof(valk_lisp_frame);
  const auto busy = static_cast<std::uint64_t>(std::max(1, (cpus + 1) / 2));
  const std::uint64_t wanted = sample_bytes * busy * (options.hz / kTakesPerSecond + 1);
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(std::bit_ceil(wanted), kLeast, VALK_SAMPLES_BYTES));
}

Result<void> Sampler::Loaded::load(const Programs& programs, const SamplerOptions& options) {
  if (!has_kernel_type_information()) {
    return fail("sample stacks: this kernel has no type information (CONFIG_DEBUG_INFO_BTF)");
  }
  object.reset(sample_bpf::open());
  if (!object) return fail("open the BPF program that samples: {}", base::errno_text(errno));
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 1) return fail("count this machine's processors: {}", base::errno_text(-cpus));
  make_room(object->obj, programs.max_targets());
  bpf_map__set_max_entries(object->maps.sample_spaces, static_cast<std::uint32_t>(cpus));
  bpf_map__set_max_entries(object->maps.samples, ring_bytes_for(options, cpus));
  if (const auto& space = programs.pid_namespace()) {
    object->rodata->valk_pid_namespace_device = space->device;
    object->rodata->valk_pid_namespace_inode = space->inode;
  }
  for (bpf_map* const map : {object->maps.targets, object->maps.counters,
                             object->maps.process_events, object->maps.pauses}) {
    const int fd = programs.map_fd(bpf_map__name(map));
    if (fd < 0) continue;  // of a group that was not chosen: then it stays empty
    if (const int error = bpf_map__reuse_fd(map, fd); error != 0) {
      return fail("share the BPF map {}: {}", bpf_map__name(map), base::errno_text(-error));
    }
  }
  if (const int error = sample_bpf::load(object.get()); error != 0) {
    return fail("load the BPF program that samples: {}", base::errno_text(-error));
  }
  ring.reset(ring_buffer__new(bpf_map__fd(object->maps.samples), hand_on, this, nullptr));
  if (!ring) return fail("open the ring buffer of samples: {}", base::errno_text(errno));
  return {};
}

// A processor may be off.
Result<void> Sampler::Loaded::attach(std::uint32_t hz) {
  const int cpus = libbpf_num_possible_cpus();
  for (int cpu = 0; cpu < cpus; ++cpu) {
    base::UniqueFd clock = open_clock(cpu, hz);
    if (!clock && (errno == ENODEV || errno == ENXIO)) continue;
    if (!clock) {
      return fail("open the clock of processor {}: {} (perf_event_open; {})", cpu,
                  base::errno_text(errno),
                  errno == EINVAL ? "see the limit kernel.perf_event_max_sample_rate"
                                  : "needs CAP_PERFMON");
    }
    auto& link =
        links.emplace_back(bpf_program__attach_perf_event(object->progs.on_tick, clock.get()));
    if (!link) return fail("attach to the clock of processor {}: {}", cpu, base::errno_text(errno));
    (void)clock.release();  // the link closes it
  }
  if (links.empty()) return fail("open the clock of any processor: none is there");
  return {};
}

Sampler::Sampler(const Programs& programs, const SamplerOptions& options,
                 std::unique_ptr<Loaded> loaded)
    : programs_(&programs), options_(options), loaded_(std::move(loaded)) {}
Sampler::Sampler(Sampler&&) noexcept = default;
Sampler::~Sampler() = default;

Result<Sampler> Sampler::open(const Programs& programs, const SamplerOptions& options) {
  if (options.hz == 0 || options.hz > kMaxHz) {
    return fail("sample stacks {} times a second: choose from 1 to {}", options.hz, kMaxHz);
  }
  // The program would copy more than a sample has room for, and leave it out.
  if (options.stack_bytes > kMaxStackBytes) {
    return fail("sample {} bytes of stacks: choose at most {}", options.stack_bytes,
                kMaxStackBytes);
  }
  auto loaded = std::make_unique<Loaded>();
  if (auto done = loaded->load(programs, options); !done) return pass_on(done);
  if (auto done = loaded->attach(options.hz); !done) return pass_on(done);
  return Sampler(programs, options, std::move(loaded));
}

Result<void> Sampler::add(std::uint32_t slot, const std::optional<model::LispChain>& chain,
                          const std::optional<model::LispEvaluation>& evaluation) {
  valk_sampled wanted{};
  wanted.is_wanted = 1;
  wanted.stack_bytes = options_.stack_bytes;
  if (chain) {
    wanted.threads = chain->threads_address;
    wanted.max_threads = chain->max_threads;
    wanted.thread_offset = chain->thread_offset;
    wanted.frames_offset = chain->frames_offset;
    wanted.caller_offset = chain->caller_offset;
    wanted.function_offset = chain->function_offset;
  }
  if (evaluation) wanted.evaluation = told(*evaluation);
  const int fd = bpf_map__fd(loaded_->object->maps.sampled);
  if (bpf_map_update_elem(fd, &slot, &wanted, BPF_ANY) != 0) {
    return fail("sample the target of slot {}: {}", slot, base::errno_text(errno));
  }
  return {};
}

void Sampler::remove(std::uint32_t slot) {
  const valk_sampled nothing{};
  bpf_map_update_elem(bpf_map__fd(loaded_->object->maps.sampled), &slot, &nothing, BPF_ANY);
}

void Sampler::take(const std::function<void(model::StackSample)>& take) {
  loaded_->taker = &take;
  ring_buffer__consume(loaded_->ring.get());
  loaded_->taker = nullptr;
}

std::optional<bool> Sampler::has_open_pause(std::uint32_t slot) const {
  valk_pauses pauses{};
  const int fd = programs_->map_fd("pauses");
  if (fd < 0 || bpf_map_lookup_elem(fd, &slot, &pauses) != 0) return std::nullopt;
  return pauses.open_since_ns != 0;
}

std::uint64_t Sampler::lost(std::uint32_t slot) const {
  if (slot >= slots_for(programs_->max_targets())) return 0;
  return __atomic_load_n(&programs_->counters()[slot].lost[VALK_LOSS_SAMPLES_FULL],
                         __ATOMIC_RELAXED);
}

}  // namespace probe
