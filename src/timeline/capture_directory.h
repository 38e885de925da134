// Captures as files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/capture.h"

namespace timeline {

// A directory of captures, held open: of each, a file for each attachment, ID.trace.json.gz, which
// anybody can open, and its facts, ID.capture, written last. Every file is written whole beside its
// place and moved there, for our user alone. Files of other names are left alone.
//
// Its calls take as long as the disk does, for ever where that hangs: for a thread of its own.
class CaptureDirectory {
 public:
  // Makes it where there is none (its parent must be there). Fails where it is a link or no
  // directory, somebody else's, or one that others may write to.
  static base::Result<CaptureDirectory> open(const std::string& path);

  // Leaves nothing behind where it fails.
  base::Result<void> write(const model::Capture& capture) const;

  void remove(std::string_view id) const;

  // All that are whole, and takes away what is left of others of ours. Whatever else lies there is
  // passed over.
  std::vector<model::Capture> read_all() const;

 private:
  CaptureDirectory(std::string path, base::UniqueFd fd)
      : path_(std::move(path)), fd_(std::move(fd)) {}

  base::Result<void> write_file(const std::string& name, std::string_view content) const;
  base::Result<std::string> read_file(const std::string& name) const;
  std::vector<std::string> names() const;
  base::Result<model::Capture> read(const std::string& id,
                                    const std::vector<std::string>& names) const;

  std::string path_;
  base::UniqueFd fd_;
};

}  // namespace timeline
