#include "profile/code_file.h"

#include <cxxabi.h>
#include <fcntl.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "base/owned.h"
#include "elf/call_frames.h"

namespace profile {
namespace {

constexpr std::size_t kMaxDemangledBytes = 1'024;

base::UniqueFd copy_of(const base::UniqueFd& fd) {
  return base::UniqueFd(fd ? ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0) : -1);
}

std::optional<elf::ElfFile> open(const base::UniqueFd& fd) {
  if (!fd) return std::nullopt;
  auto file = elf::ElfFile::open(copy_of(fd), "a mapped file");
  return file ? std::optional(std::move(*file)) : std::nullopt;
}

std::string demangled(std::string_view name) {
  if (!name.starts_with("_Z")) return std::string(name);
  int status = 0;
  const base::Owned<char, std::free> text(
      abi::__cxa_demangle(std::string(name).c_str(), nullptr, nullptr, &status));
  if (status != 0 || !text) return std::string(name);
  return std::string(text.get()).substr(0, kMaxDemangledBytes);
}

}  // namespace

CodeFile::CodeFile(base::UniqueFd file, base::UniqueFd debug)
    : file_(open(file)), debug_(open(debug)) {
  if (!file_) return;
  symbols_ = elf::FunctionTable(*file_, debug_ ? &*debug_ : nullptr);
  if (auto frames = elf::CallFrames::open(copy_of(file), copy_of(debug))) {
    rows_.emplace(std::move(*frames));
  }
  inline_functions_ = elf::InlineFunctions::open(copy_of(file));
  if (!inline_functions_ && debug) inline_functions_ = elf::InlineFunctions::open(copy_of(debug));
}

const elf::UnwindRow* CodeFile::row_at(std::uint64_t linked_address) {
  return rows_ ? rows_->row_at(linked_address) : nullptr;
}

// A language with namespaces tells the whole name by what the linker knows.
std::vector<elf::SourceFunction> CodeFile::functions_at(std::uint64_t linked_address) const {
  std::vector<elf::SourceFunction> functions;
  if (inline_functions_) functions = inline_functions_->at(linked_address);
  for (elf::SourceFunction& function : functions) {
    if (!function.linkage_name.empty()) function.name = demangled(function.linkage_name);
  }
  if (!functions.empty()) return functions;
  const auto symbol = symbols_.find(linked_address);
  if (!symbol) return functions;
  elf::SourceFunction& function = functions.emplace_back();
  function.name = demangled(symbol->name);
  function.linkage_name = std::string(symbol->name);
  return functions;
}

}  // namespace profile
