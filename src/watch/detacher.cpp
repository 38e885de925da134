#include "watch/detacher.h"

#include <sys/prctl.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "privilege/privilege.h"

namespace watch {
namespace {

// Devices are left out: containers see one file under several.
bool is_old_version_of(const target::FileVersion& other, const target::FileVersion& file) {
  target::FileVersion there = file;
  there.device = other.device;
  return other.inode == file.inode && other != there;
}

}  // namespace

Detacher::Detacher() : thread_([this](const std::stop_token& stop) { run(stop); }) {}

std::shared_future<void> Detacher::take(std::vector<probe::Attachment> attachments,
                                        const target::FileVersion& file) {
  Leaving leaving{std::move(attachments), file, {}};
  std::shared_future<void> out = leaving.out.get_future().share();
  const std::lock_guard lock(mutex_);
  files_.push_back(file);
  waiting_.push_back(std::move(leaving));
  changed_.notify_all();
  return out;
}

bool Detacher::wait_for_old_versions(const target::FileVersion& file, const std::stop_token& stop,
                                     std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, stop, deadline, [&] {
    return std::none_of(files_.begin(), files_.end(), [&](const target::FileVersion& other) {
      return is_old_version_of(other, file);
    });
  });
}

void Detacher::run(const std::stop_token& stop) {
  ::prctl(PR_SET_NAME, "detacher");
  // Refused: then it has what it needs and more.
  (void)privilege::keep_only(privilege::Task::kNothing);
  do {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [&] { return !waiting_.empty(); });
    }
    detach(take_waiting());
  } while (!stop.stop_requested());
  detach(take_waiting());
}

std::vector<Detacher::Leaving> Detacher::take_waiting() {
  const std::lock_guard lock(mutex_);
  return std::exchange(waiting_, {});
}

void Detacher::detach(std::vector<Leaving> leaving) {
  std::vector<probe::Attachment> attachments;
  for (Leaving& one : leaving) {
    std::move(one.attachments.begin(), one.attachments.end(), std::back_inserter(attachments));
  }
  probe::detach(std::move(attachments));
  const std::lock_guard lock(mutex_);
  for (Leaving& one : leaving) {
    files_.erase(std::find(files_.begin(), files_.end(), one.file));
    one.out.set_value();
  }
  changed_.notify_all();
}

}  // namespace watch
