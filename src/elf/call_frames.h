// The call-frame information of a file: how to get from a function to its caller.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "elf/unwind_row.h"

namespace elf {

// Owns libdw's view of one file's .eh_frame and .debug_frame. The file is untrusted, and libdw is
// not made for hostile ones: for a confined process. One thread at a time.
class CallFrames {
 public:
  // `file` is the executable or shared object; `debug` its separate debug file, or -1: .debug_frame
  // may stand there. Fails where neither has any.
  static base::Result<CallFrames> open(base::UniqueFd file, base::UniqueFd debug = {});
  CallFrames(CallFrames&&) noexcept;
  CallFrames& operator=(CallFrames&&) noexcept;
  ~CallFrames();

  // The row of an address as linked; none: no function is described there, or what describes it is
  // broken. Makes it anew each time: keep it.
  std::optional<UnwindRow> row_at(std::uint64_t address) const;

 private:
  struct Files;
  explicit CallFrames(std::unique_ptr<Files> files);

  std::unique_ptr<Files> files_;
};

}  // namespace elf
