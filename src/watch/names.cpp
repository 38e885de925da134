#include "watch/names.h"

#include <unistd.h>

#include <chrono>
#include <utility>

#include "base/clock.h"
#include "target/proc_text.h"
#include "target/process.h"
#include "target/process_stat.h"
#include "target/selection.h"

namespace watch {
namespace {

constexpr std::chrono::seconds kRecallTime{1};

bool has_names(const Config& config) {
  return !config.selection.one;
}

// A file of names is told from that of an exporter that watches others by what it selects.
std::string path_of(const Config& config) {
  if (!has_names(config)) return "";
  return name_file_path(config.layouts.cache_directory, target::words_of(config.selection));
}

// Only ever compared: where it can't be read, every boot is another one.
std::string read_boot_id(const std::string& proc_root) {
  const auto text = target::read_proc_text(proc_root + "/sys/kernel/random/boot_id", 4096);
  if (!text) return "";
  return target::clean_name(text->substr(0, text->find('\n')));
}

Owner owner_of(const model::ProcessId& id) {
  return {id.pid, id.start_ticks};
}

std::uint64_t start_ns(const model::ProcessId& id) {
  static const auto ticks_a_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return id.start_ticks * (1'000'000'000 / ticks_a_second);
}

}  // namespace

std::vector<target::NameSource> name_sources(const Config& config) {
  if (!config.name_from.empty()) return config.name_from;
  auto usual = target::parse_name_sources(target::kDefaultNameFrom);
  return usual ? std::move(*usual) : std::vector<target::NameSource>{};
}

Names::Names(const Config& config)
    : proc_root_(config.proc_root),
      is_used_(has_names(config)),
      is_kept_(config.keeps_names),
      boot_id_(read_boot_id(config.proc_root)),
      file_(path_of(config)) {}

Names::~Names() {
  if (is_used_ && !book_.things().empty()) save();
}

void Names::recall() {
  auto remembered = file_.load(std::chrono::steady_clock::now() + kRecallTime);
  if (!remembered) return;
  if (boot_id_.empty()) remembered->boot_id = "unknown";
  book_.restore(names_after_restart(std::move(*remembered), boot_id_, base::boot_ns()));
  look_for_ends();
}

std::optional<std::string> Names::name(const Recognised& recognised, NameBook::Port port) {
  if (!is_used_) return std::string();
  const model::ProcessId& id = recognised.process.id;
  auto name = book_.name(owner_of(id), recognised.marks, start_ns(id), base::boot_ns(), port);
  save_changes();
  return name;
}

void Names::learn(const Recognised& recognised) {
  if (!is_used_) return;
  book_.learn_port(owner_of(recognised.process.id), recognised.marks.port);
  save_changes();
}

void Names::end(const model::ProcessId& id) {
  book_.end(owner_of(id), base::boot_ns());
  save_changes();
}

void Names::look_for_ends() {
  for (const Owner& owner : book_.hearsay()) {
    const auto stat = target::read_stat(proc_root_, owner.pid);
    const bool is_gone = stat ? stat->start_ticks != owner.start_ticks || stat->state == 'Z'
                              : stat.error().cause == base::Cause::kGone;
    if (is_gone) book_.end_unseen(owner, base::boot_ns());
  }
  save_changes();
}

void Names::save_changes() {
  if (book_.changes() != saved_changes_) save();
}

void Names::save() {
  saved_changes_ = book_.changes();
  if (!is_kept_) return;
  file_.save({boot_id_, base::boot_ns(), book_.things()});
}

}  // namespace watch
