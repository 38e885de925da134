// SPDX-License-Identifier: BSD-2-Clause
// Writes the profiles of profiles.h in every format, for readers that are other people's programs.
//
// usage: write_profiles DIRECTORY
#include <fstream>
#include <iostream>
#include <string>

#include "expose/flame_page.h"
#include "expose/folded.h"
#include "expose/pprof.h"
#include "expose/speedscope.h"
#include "support/profiles.h"

namespace {

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void write_all(const std::string& path, const model::Profile& profile) {
  const std::string pprof = expose::write_pprof(profile).value();
  const std::string folded = expose::write_folded(profile, expose::ThreadFrame::kFirst);
  const std::string speedscope = expose::write_speedscope(profile);
  write(path + ".pb.gz", pprof);
  write(path + ".folded", folded);
  write(path + ".speedscope.json", speedscope);
  expose::FlameExtras extras;
  extras.links = {
      {"pprof", expose::inline_file("application/octet-stream", pprof), "profile.pb.gz"},
      {"folded", expose::inline_file("text/plain", folded), "profile.folded"},
      {"speedscope", "speedscope?capture=7", "profile.speedscope.json"}};
  // A build without the page writes the rest.
  write(path + ".html",
        expose::write_flame_page(expose::write_profile_json(profile), extras).value_or(""));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: write_profiles DIRECTORY\n";
    return 2;
  }
  const std::string directory = std::string(argv[1]) + '/';
  const model::Profile busy = test::busy_profile();
  const model::Profile changed = test::changed_profile();
  write_all(directory + "busy", busy);
  write_all(directory + "empty", test::empty_profile());
  write_all(directory + "hostile", test::hostile_profile());
  write_all(directory + "large", test::large_profile());
  write(directory + "compared.html",
        expose::write_flame_page(expose::write_profile_json(busy),
                                 {expose::write_profile_json(changed), "capture 12", {}})
            .value_or(""));
  write(directory + "policy", std::string(expose::flame_page_policy()));
  return std::cout.good() ? 0 : 1;
}
