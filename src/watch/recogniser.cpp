#include "watch/recogniser.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "privilege/privilege.h"
#include "target/naming.h"

namespace watch {
namespace {

using Clock = std::chrono::steady_clock;

// More files than any machine runs at a time; then everything is read once more.
constexpr std::size_t kMaxFiles = 10'000;
constexpr std::chrono::seconds kHangsAfter{1};
constexpr std::ptrdiff_t kMaxStuckOfUser = 2;
constexpr std::size_t kMaxAside = 4'096;

// A process to look at. With `program`, its file has been read before.
struct Question {
  target::Process process;
  std::shared_ptr<const target::Program> program;
};

struct Answer {
  Recognised recognised;
  bool is_of_file = false;  // it holds for every process that runs the file
};

bool is_watchable(const base::Result<target::Program>& program) {
  return program && program->is_recognised();
}

// What stands at a path is asked here, since the path may lead anywhere.
bool runs_file_at(const target::Process& process, const std::string& path) {
  const auto wanted = target::version_at(path);
  return wanted && wanted->device == process.id.exe_device && wanted->inode == process.id.exe_inode;
}

// What is asked of the process itself, whose memory may hang: a name longer than a comm.
bool is_selected(const std::string& proc_root, const target::Selection& selection,
                 const target::Process& process) {
  const auto& files = selection.executables;
  const bool runs_one = std::any_of(files.begin(), files.end(), [&](const std::string& path) {
    return runs_file_at(process, path);
  });
  if (!files.empty() && !runs_one) return false;
  const target::NameFit name = target::fit_comm(selection, process.comm);
  if (name.fits || !name.is_cut) return name.fits;
  return target::fits_program_name(selection, proc_root, process.id.pid);
}

// `is_at_file` is set while the file is read.
Answer look_at(const std::string& proc_root, const target::Recognition& recognition,
               const target::Selection& selection, const std::vector<target::NameSource>& name_from,
               Question question, std::atomic<bool>& is_at_file) {
  const int pid = question.process.id.pid;
  Answer answer;
  Recognised& recognised = answer.recognised;
  recognised.process = std::move(question.process);
  if (!is_selected(proc_root, selection, recognised.process)) return answer;
  recognised.program = std::move(question.program);
  if (recognised.program == nullptr) {
    is_at_file = true;
    auto program = target::read_program_of(proc_root, pid, recognition);
    is_at_file = false;
    if (!program) base::log_debug("{}", program.error().message);
    // Another process that runs it may be one that we may look at.
    if (!program && program.error().cause == base::Cause::kDenied) {
      recognised.denied = program.error().message;
    }
    // Another image by now: it is asked about by itself.
    const bool is_same = program && program->executable.version == recognised.process.file;
    answer.is_of_file = is_same || (!program && program.error().cause == base::Cause::kOther);
    recognised.may_come = program ? target::is_loader(program->executable)
                                  : program.error().cause == base::Cause::kChanged;
    if (recognised.may_come) answer.is_of_file = false;
    if (is_watchable(program)) {
      recognised.program = std::make_shared<const target::Program>(std::move(*program));
    }
  }
  if (recognised.program != nullptr) {
    recognised.script = target::read_script(proc_root, pid).value_or("");
    recognised.place = target::read_place(proc_root, pid);
    recognised.marks = target::read_marks(proc_root, recognised.process, recognised.place,
                                          recognised.script, name_from);
  }
  return answer;
}

// Each user's in the order of asking, and users by turns.
class Questions {
 public:
  // An older one about the same process is forgotten.
  void add(Question question) {
    std::deque<Question>& of_user = by_user_[question.process.uid];
    const auto older = std::find_if(of_user.begin(), of_user.end(), [&](const Question& one) {
      return one.process.id.pid == question.process.id.pid;
    });
    if (older != of_user.end()) {
      *older = std::move(question);
    } else {
      of_user.push_back(std::move(question));
    }
  }

  bool is_empty() const { return by_user_.empty(); }

  // There must be one.
  Question take() {
    auto next = by_user_.upper_bound(last_user_);
    if (next == by_user_.end()) next = by_user_.begin();
    last_user_ = next->first;
    Question question = std::move(next->second.front());
    next->second.pop_front();
    if (next->second.empty()) by_user_.erase(next);
    return question;
  }

 private:
  std::map<std::uint32_t, std::deque<Question>> by_user_;
  std::uint32_t last_user_ = 0;
};

void wake(int event_fd) {
  const std::uint64_t one = 1;
  // It may be set already.
  static_cast<void>(::write(event_fd, &one, sizeof one) < 0);
}

Answer hanging(target::Process process) {
  Answer answer;
  answer.recognised.process = std::move(process);
  answer.recognised.hangs = true;
  return answer;
}

}  // namespace

struct Recogniser::Work {
  std::string proc_root;
  target::Recognition recognition;
  target::Selection selection;
  std::vector<target::NameSource> name_from;
  int wake_fd = -1;

  std::mutex mutex;  // over everything below
  std::condition_variable_any changed;
  Questions questions;
  std::vector<Answer> answers;
  std::optional<target::Process> current;
  Clock::time_point since{};
  bool is_left_behind = false;  // its answer comes too late

  std::atomic<bool> is_at_file{false};
  std::atomic<bool> is_done{false};  // its thread hangs no more
};

Recogniser::Recogniser(std::string proc_root, target::Recognition recognition,
                       target::Selection selection, std::vector<target::NameSource> name_from,
                       int wake_fd)
    : proc_root_(std::move(proc_root)),
      recognition_(std::move(recognition)),
      selection_(std::move(selection)),
      name_from_(std::move(name_from)),
      wake_fd_(wake_fd) {
  start_thread();
}

Recogniser::~Recogniser() {
  const std::lock_guard lock(work_->mutex);
  work_->is_left_behind = true;
}

void Recogniser::start_thread() {
  auto work = std::make_shared<Work>();
  work->proc_root = proc_root_;
  work->recognition = recognition_;
  work->selection = selection_;
  work->name_from = name_from_;
  work->wake_fd = wake_fd_;
  if (work_) {
    const std::lock_guard lock(work_->mutex);
    work_->is_left_behind = true;
    work->answers = std::move(work_->answers);
    while (!work_->questions.is_empty()) {
      Question question = work_->questions.take();
      if (would_hang(question.process, question.program == nullptr)) {
        put_aside(question.process);
        work->answers.push_back(hanging(std::move(question.process)));
      } else {
        work->questions.add(std::move(question));
      }
    }
  }
  work_ = work;
  thread_.reset();
  auto thread =
      LooseThread::start("recogniser", [work](const std::stop_token& stop) { run(*work, stop); });
  if (thread) {
    thread_.emplace(std::move(*thread));
    told_ = false;
  } else if (!std::exchange(told_, true)) {
    base::log_error("look at new processes: {}", thread.error().message);
  }
}

bool Recogniser::is_stranger(const target::Process& process) const {
  return others_.contains(process.file);
}

void Recogniser::ask(target::Process process) {
  Question question{std::move(process), nullptr};
  if (const auto known = recognised_.find(question.process.file); known != recognised_.end()) {
    question.program = known->second.lock();
  }
  const bool hangs = would_hang(question.process, question.program == nullptr);
  const std::lock_guard lock(work_->mutex);
  if (!hangs) {
    work_->questions.add(std::move(question));
    work_->changed.notify_all();
    return;
  }
  put_aside(question.process);
  work_->answers.push_back(hanging(std::move(question.process)));
  wake(wake_fd_);
}

void Recogniser::put_aside(const target::Process& process) {
  if (aside_.size() < kMaxAside) aside_.insert_or_assign(process.id.pid, process);
}

// What takes long is not dead: a file of many bytes on a slow disk holds the others up no longer
// than it takes.
void Recogniser::ask_again() {
  std::vector<target::Process> again;
  std::erase_if(aside_, [&](const auto& entry) {
    const bool hangs = would_hang(entry.second, !recognised_.contains(entry.second.file));
    if (!hangs) again.push_back(entry.second);
    return !hangs;
  });
  for (target::Process& process : again) ask(std::move(process));
}

bool Recogniser::would_hang(const target::Process& process, bool reads_file) {
  std::erase_if(stuck_, [](const Stuck& one) { return one.work->is_done.load(); });
  const auto is_with = [&](const Stuck& one) {
    if (one.process.id.pid == process.id.pid &&
        one.process.id.start_ticks == process.id.start_ticks) {
      return true;
    }
    return one.is_at_file && reads_file && one.process.file.device == process.file.device;
  };
  if (std::any_of(stuck_.begin(), stuck_.end(), is_with)) return true;
  const auto of_user = std::count_if(stuck_.begin(), stuck_.end(), [&](const Stuck& one) {
    return one.process.uid == process.uid;
  });
  return process.uid != 0 && of_user >= kMaxStuckOfUser;
}

std::vector<Recognised> Recogniser::take() {
  std::vector<Answer> answers;
  {
    const std::lock_guard lock(work_->mutex);
    answers = std::exchange(work_->answers, {});
  }
  std::vector<Recognised> taken;
  for (Answer& answer : answers) {
    const target::FileVersion& file = answer.recognised.process.file;
    if (answer.is_of_file && answer.recognised.program == nullptr) {
      if (others_.size() >= kMaxFiles) others_.clear();
      others_.insert(file);
    }
    if (answer.is_of_file && answer.recognised.program != nullptr) {
      recognised_[file] = answer.recognised.program;
    }
    taken.push_back(std::move(answer.recognised));
  }
  std::erase_if(recognised_, [](const auto& entry) { return entry.second.expired(); });
  return taken;
}

bool Recogniser::is_idle() const {
  const std::lock_guard lock(work_->mutex);
  return work_->questions.is_empty() && work_->answers.empty() && !work_->current;
}

void Recogniser::skip_what_hangs() {
  ask_again();
  if (!thread_) return start_thread();
  {
    const std::lock_guard lock(work_->mutex);
    if (!work_->current || Clock::now() - work_->since < kHangsAfter) return;
    const model::ProcessId& id = work_->current->id;
    if (has_hung_.size() >= kMaxAside) has_hung_.clear();
    const auto known = has_hung_.find(id.pid);
    const bool is_first = known == has_hung_.end() || known->second != id.start_ticks;
    has_hung_.insert_or_assign(id.pid, id.start_ticks);
    if (is_first) put_aside(*work_->current);
    work_->answers.push_back(hanging(*work_->current));
    stuck_.push_back({*work_->current, work_->is_at_file.load(), work_});
  }
  start_thread();
}

void Recogniser::run(Work& work, const std::stop_token& stop) {
  if (auto kept = privilege::keep_only(privilege::Task::kAttach); !kept) {
    base::log_warn("{}", kept.error().message);
  }
  std::unique_lock lock(work.mutex);
  while (work.changed.wait(lock, stop, [&] { return !work.questions.is_empty(); })) {
    Question question = work.questions.take();
    work.current = question.process;
    work.since = Clock::now();
    lock.unlock();
    Answer answer;
    try {
      answer = look_at(work.proc_root, work.recognition, work.selection, work.name_from,
                       std::move(question), work.is_at_file);
    } catch (const std::exception& error) {
      base::log_error("look at a new process: {}", error.what());  // memory is short, say
    }
    lock.lock();
    work.current.reset();
    if (work.is_left_behind) break;
    work.answers.push_back(std::move(answer));
    wake(work.wake_fd);
  }
  work.is_done = true;
}

}  // namespace watch
