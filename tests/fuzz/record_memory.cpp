// Records what a reader reads of a puppet, as an input of the fuzz target of its runtime:
//
//   fuzz_record_memory LAYOUT OUTPUT PROGRAM ARGUMENT,... COMMAND...
//
// The puppet is told the commands, and is read twice: at the command "read" (or at the end), and at
// the end. tests/fuzz/make_seeds runs this.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/clock.h"
#include "fuzz/memory.h"
#include "memory/process_memory.h"
#include "state/known_layouts.h"
#include "state/layout_text.h"
#include "support/child_process.h"

namespace {

constexpr std::uint64_t kLoadBias = 0x5555'5555'4000;  // where `setarch -R` has programs loaded

// What stands in the process, written down.
class RecordedMemory : public memory::Memory {
 public:
  explicit RecordedMemory(memory::Memory& memory) : memory_(memory) {}

  base::Result<void> read(std::span<memory::Piece> pieces) override {
    if (auto done = memory_.read(pieces); !done) return done;
    for (const memory::Piece& piece : pieces) {
      const auto* const bytes = reinterpret_cast<const char*>(piece.into.data());
      // What could not be read may be anything, and zeroes are short.
      bytes_ += piece.complete ? std::string(bytes, piece.into.size())
                               : std::string(piece.into.size(), '\0');
    }
    return {};
  }

  const std::string& bytes() const { return bytes_; }

 private:
  memory::Memory& memory_;
  std::string bytes_;
};

std::vector<std::string> arguments_of(const char* program, const std::string& list) {
  std::vector<std::string> arguments{"-R", program};
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) arguments.push_back(word);
  return arguments;
}

template <typename T>
T value_of(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

void record(int argc, char** argv) {
  if (argc < 5) throw std::runtime_error("LAYOUT OUTPUT PROGRAM ARGUMENT,... COMMAND...");
  test::ChildProcess puppet("/usr/bin/setarch", arguments_of(argv[3], argv[4]));
  if (!puppet.read_line(test::soon())) throw std::runtime_error("the puppet is not ready");
  const auto reader =
      value_of(state::make_reader(value_of(state::read_layout_file(argv[1])), kLoadBias));
  memory::ProcessMemory process("/proc/" + std::to_string(puppet.pid()), puppet.pid());
  RecordedMemory memory(process);
  const std::uint64_t now_ns = base::monotonic_ns();
  bool was_read = false;
  const auto read = [&] {
    if (const auto readings = reader->read(memory, now_ns); !readings) {
      std::fprintf(stderr, "%s: %s\n", argv[2], readings.error().message.c_str());
    }
    was_read = true;
  };
  for (int i = 5; i < argc; ++i) {
    if (std::string(argv[i]) == "read") {
      read();
      continue;
    }
    puppet.write_line(argv[i]);
    if (!puppet.read_line(test::soon())) throw std::runtime_error("the puppet does not answer");
  }
  if (!was_read) read();
  read();
  std::string input("\0\0", 2);
  input.append(reinterpret_cast<const char*>(&now_ns), sizeof now_ns);
  std::ofstream(argv[2], std::ios::binary) << input + fuzz::sparse(memory.bytes());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    record(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fuzz_record_memory: %s\n", error.what());
    return 1;
  }
  return 0;
}
