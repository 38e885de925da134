// The flame graph: one page that holds everything and asks nobody, so that it opens from disk, too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/profile.h"

namespace expose {

// The same profile in another format, or anything else that a reader may want from there.
struct FlameLink {
  std::string name;       // "pprof"
  std::string href;       // as an <a> has it; see inline_file()
  std::string file_name;  // under which it is to be saved; empty: it is not a file
};

// What the page may have beside the profile.
struct FlameExtras {
  std::string base;       // to compare with, by write_profile_json(); empty: nothing
  std::string base_name;  // what it is: "capture 12", "15:02 today"
  std::vector<FlameLink> links;
};

// A file as an address that holds it, for links that work from disk.
std::string inline_file(std::string_view content_type, std::string_view bytes);

// What the page is made of. JSON: src/web/flame/seam.ts says the same.
std::string write_profile_json(const model::Profile& profile);

// HTML, of what write_profile_json() made: maybe long ago, and kept in a file. Fails where that is
// no JSON, and where this program was built without its pages.
base::Result<std::string> write_flame_page(std::string_view profile_json,
                                           const FlameExtras& extras = {});

// What its answer must say as Content-Security-Policy: only the page's own script and style run,
// whatever names it holds. Empty where this program was built without its pages.
std::string_view flame_page_policy();

}  // namespace expose
