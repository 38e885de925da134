#include "layout/layouts.h"

#include <utility>

#include "elf/content_hash.h"
#include "layout/single_flight.h"
#include "layout/turnstile.h"
#include "layout/vain_looks.h"
#include "state/known_layouts.h"
#include "state/layout_cache.h"
#include "state/layout_text.h"

namespace layout {
namespace {

using base::fail;
using base::Result;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint64_t kMaxHashedBytes = 256 * 1024 * 1024;  // a quarter of a second
constexpr std::size_t kMaxProcesses = 2;
// Who had less, at the start or since others were first, learnt nothing of the program.
constexpr milliseconds kLongLook = kResolveTime / 2;

std::string text_of(const std::string& build_id) {
  return build_id.empty() ? "none" : build_id;
}

milliseconds left_of(const confined::Patience& patience) {
  return std::chrono::ceil<milliseconds>(patience.deadline - Clock::now());
}

std::optional<std::string> hash_of(const target::Program& program) {
  auto hash =
      elf::hash_content(program.executable.fd.get(), program.executable.path, kMaxHashedBytes);
  return hash ? std::optional(std::move(*hash)) : std::nullopt;
}

}  // namespace

// What threads share; each part looks after itself.
struct Layouts::State {
  explicit State(const Config& settings) : config(settings), cache(settings.cache_directory) {}

  Result<FoundLayout> resolve(const target::Program& program,
                              const std::optional<std::string>& content_hash,
                              const confined::Patience& patience);
  Result<FoundLayout> look(const target::Program& program, const std::string& content_hash,
                           const confined::Patience& patience);

  const Config config;
  std::optional<state::Layout> given;
  state::LayoutCache cache;
  VainLooks vain_looks;
  SingleFlight flights;
  Turnstile turnstile{kMaxProcesses};
};

Layouts::Layouts(std::unique_ptr<State> state) : state_(std::move(state)) {}
Layouts::Layouts(Layouts&&) noexcept = default;
Layouts& Layouts::operator=(Layouts&&) noexcept = default;
Layouts::~Layouts() = default;

Result<Layouts> Layouts::open(const Config& config) {
  auto opened = std::make_unique<State>(config);
  if (config.layout_file.empty()) return Layouts(std::move(opened));
  auto given = state::read_layout_file(config.layout_file);
  if (!given) return base::pass_on(given);
  if (given->build_id.empty()) {
    return fail("use layout {}: it names no build id, so it fits no executable for sure",
                config.layout_file);
  }
  if (given->fields.empty()) {
    return fail("use layout {}: it has no fields, so nothing could be read by it",
                config.layout_file);
  }
  opened->given = std::move(*given);
  return Layouts(std::move(opened));
}

Result<void> Layouts::check_given(const std::string& build_id,
                                  const std::string& executable) const {
  if (!state_->given || state_->given->build_id == build_id) return {};
  return fail(
      "use layout {} for {}: it is of another build (build id {} where the executable has {}); "
      "make one from the debug build of this executable: valkyria_exporter resolve --exe "
      "DEBUGBUILD "
      "-o FILE",
      state_->config.layout_file, executable, state_->given->build_id, text_of(build_id));
}

Result<FoundLayout> Layouts::find(const target::Program& program, milliseconds max_time,
                                  const std::stop_token& stop) {
  if (state_->given && state_->given->build_id == program.build_id) {
    return FoundLayout{*state_->given, "the file " + state_->config.layout_file};
  }
  const auto content_hash = hash_of(program);
  const confined::Patience patience{Clock::now() + max_time, stop};
  if (!content_hash) return state_->resolve(program, std::nullopt, patience);
  auto found = state_->flights.share(
      *content_hash, patience, [&] { return state_->look(program, *content_hash, patience); });
  if (found) return std::move(*found);
  return fail(base::Cause::kTimeout,
              "resolve the layout of {}: no answer within {} ms (another thread is at it)",
              program.executable.path, max_time.count());
}

Result<FoundLayout> Layouts::State::look(const target::Program& program,
                                         const std::string& content_hash,
                                         const confined::Patience& patience) {
  if (auto cached = cache.find(content_hash); cached && state::is_current(*cached)) {
    return FoundLayout{std::move(*cached), "the cache"};
  }
  if (const auto message = vain_looks.find(content_hash)) return fail("{}", *message);
  auto found = resolve(program, content_hash, patience);
  // A file that nobody runs any more can be rewritten: then this is not the layout of that hash.
  if (found && hash_of(program) == content_hash) cache.store(content_hash, found->layout);
  return found;
}

Result<FoundLayout> Layouts::State::resolve(const target::Program& program,
                                            const std::optional<std::string>& content_hash,
                                            const confined::Patience& patience) {
  const std::string& path = program.executable.path;
  const auto pass = turnstile.enter(patience);
  if (!pass) {
    return fail(base::Cause::kTimeout,
                "resolve the layout of {}: others were first all the time (at most {} are resolved "
                "at once)",
                path, kMaxProcesses);
  }
  const auto begun = Clock::now();
  auto layout = resolve_in_child(program.executable.fd.get(), path, config.debug_directories,
                                 left_of(patience), patience.stop);
  if (layout) return FoundLayout{std::move(*layout), "debug information"};
  if (content_hash && Clock::now() - begun >= kLongLook) {
    vain_looks.remember(*content_hash, layout.error().message);
  }
  return base::pass_on(layout);
}

}  // namespace layout
