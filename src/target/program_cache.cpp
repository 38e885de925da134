#include "target/program_cache.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <utility>

#include "elf/build_id.h"
#include "elf/symbols.h"

namespace target {
namespace {

// More files than any machine runs at a time; then everything is read once more.
constexpr std::size_t kMaxFiles = 10'000;

}  // namespace

base::Result<Program> read_program(Executable executable, const Recognition& recognition) {
  base::UniqueFd fd(::dup(executable.fd.get()));
  const auto file = elf::ElfFile::open(std::move(fd), executable.path);
  if (!file) return base::pass_on(file);
  auto sites = elf::read_usdt_sites(*file, recognition.provider);
  if (!sites) return base::pass_on(sites);
  Program program{std::move(executable), elf::read_build_id(*file).value_or(""), std::move(*sites),
                  file->segments(), elf::is_stripped(*file)};
  for (const std::string& variable : recognition.variables) {
    if (program.mark.empty() && elf::find_symbol(*file, variable)) program.mark = variable;
  }
  return program;
}

std::shared_ptr<const Program> ProgramCache::program_of(const std::string& proc_root,
                                                        const Process& process) {
  struct stat status {};
  const std::string link = fmt::format("{}/{}/exe", proc_root, process.id.pid);
  if (::stat(link.c_str(), &status) != 0) return nullptr;
  // An exec since it was identified: the next look sees it as what it is then.
  if (status.st_dev != process.id.exe_device || status.st_ino != process.id.exe_inode) {
    return nullptr;
  }
  const FileKey key{status.st_dev, status.st_ino, status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
  if (others_.contains(key)) return nullptr;
  if (auto known = recognised_[key].lock()) return known;

  auto executable = open_executable_of(proc_root, process.id.pid);
  if (!executable) return nullptr;
  // Another file by now: the next look sees it under its own key.
  if (executable->device != status.st_dev || executable->inode != status.st_ino) return nullptr;
  auto program = read_program(std::move(*executable), recognition_);
  if (others_.size() >= kMaxFiles) others_.clear();
  if (!program) {
    spdlog::debug("{}", program.error().message);
    others_.insert(key);
    return nullptr;
  }
  if (!program->is_recognised()) {
    others_.insert(key);
    return nullptr;
  }
  auto shared = std::make_shared<const Program>(std::move(*program));
  recognised_[key] = shared;
  std::erase_if(recognised_, [](const auto& entry) { return entry.second.expired(); });
  return shared;
}

}  // namespace target
