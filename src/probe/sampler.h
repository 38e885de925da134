// Samples of stacks, by the clock of each processor.
#pragma once

#include <valkyria/abi/sample.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/result.h"
#include "model/stack_sample.h"
#include "probe/programs.h"

namespace probe {

inline constexpr std::uint32_t kMaxStackBytes = VALK_MAX_STACK_BYTES;
// Past it a processor does little else.
inline constexpr std::uint32_t kMaxHz = 10'000;

struct SamplerOptions {
  std::uint32_t hz = 99;                  // at most kMaxHz
  std::uint32_t stack_bytes = 64 * 1024;  // at most kMaxStackBytes
};

// What samples wait in until they are taken: a power of two of bytes, so large that nothing is lost
// where they are taken four times a second and half of `cpus` are busy with one process.
std::uint32_t ring_bytes_for(const SamplerOptions& options, int cpus);

// Owns the program and a clock event for each processor: as long as it lives, threads of the chosen
// targets are sampled while they run. A processor that idles is not, nor is one that was switched
// on later. One thread at a time; the programs outlive it. Opening needs the privileges to attach,
// nothing later does.
class Sampler {
 public:
  // Fails where the kernel has no type information (CONFIG_DEBUG_INFO_BTF), and past the limits of
  // the options.
  static base::Result<Sampler> open(const Programs& programs, const SamplerOptions& options);
  Sampler(Sampler&&) noexcept;
  Sampler& operator=(Sampler&&) = delete;
  ~Sampler();

  // From now on this target is sampled, too.
  base::Result<void> add(std::uint32_t slot,
                         const std::optional<model::LispChain>& chain = std::nullopt,
                         const std::optional<model::LispEvaluation>& evaluation = std::nullopt);
  void remove(std::uint32_t slot);

  // Gives each sample that is there to `take`, which must not throw; without waiting. They are
  // lost, and counted, where nobody takes them in time.
  void take(const std::function<void(model::StackSample)>& take);

  // Whether a collection that stops the world is open in the slot's process; none: nobody tells.
  std::optional<bool> has_open_pause(std::uint32_t slot) const;

  // Samples of a slot that were lost so far; none are of a slot that there is not.
  std::uint64_t lost(std::uint32_t slot) const;

 private:
  struct Loaded;
  Sampler(const Programs& programs, const SamplerOptions& options, std::unique_ptr<Loaded> loaded);

  const Programs* programs_;
  SamplerOptions options_;
  std::unique_ptr<Loaded> loaded_;
};

}  // namespace probe
