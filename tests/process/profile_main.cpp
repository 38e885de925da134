// The main() of the tests, and of the confined process that they start: it unwinds, or does what
// one would that was made to do anything.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "profile/unwind_process.h"
#include "profile_ways.h"

namespace {

constexpr int kOutput = 1;

void answer(std::span<const std::byte> message) {
  profile::send_message_blocking(kOutput, message);
}

std::vector<std::byte> many_names() {
  profile::FoundStacks found;
  found.new_functions.resize(1'000);
  for (auto& function : found.new_functions) function.name.assign(profile::kMaxNameBytes, 'x');
  return profile::write_found(found);
}

int misbehave(test::Way way) {
  if (way == test::Way::kEnds) return 0;
  // Beside the batches there is the message with the modules.
  for (bool is_first = true; profile::receive_message_blocking(confined::kFirstFile);
       is_first = false) {
    if (is_first || way == test::Way::kIsSilent) continue;
    if (way == test::Way::kTalksNonsense) answer(std::vector<std::byte>(99, std::byte{99}));
    if (way == test::Way::kLeavesOut) answer(profile::write_found({}));
    if (way == test::Way::kTellsNamesWithoutEnd) answer(many_names());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == profile::kUnwindConfined) {
    const auto files = static_cast<std::size_t>(std::strtoul(argv[2], nullptr, 10));
    if (files < test::kFirstWay) return profile::run_unwind_confined(files);
    return misbehave(static_cast<test::Way>(files));
  }
  std::signal(SIGPIPE, SIG_IGN);  // as the exporter does
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
