// The names of minivalk's Lisp functions, by its real debug information and in a memory that the
// test fills.
#include "state/runtimes/minivalk_lisp.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>

#include "base/unique_fd.h"
#include "elf/debug_information.h"
#include "state/known_layouts.h"
#include "state_support.h"

namespace {

constexpr std::uint64_t kBias = 0x5555'5555'4000;
constexpr std::uint64_t kNames = 0x7000'0000'0000;

const state::Layout& layout() {
  static const state::Layout resolved = [] {
    base::UniqueFd fd(::open(VALKYRIA_BIN_DIR "/minivalk", O_RDONLY | O_CLOEXEC));
    const auto file = elf::ElfFile::open(std::move(fd), "minivalk").value();
    return state::resolve_known_layout(elf::DebugInformation::open(file).value()).value();
  }();
  return resolved;
}

state::Layout without(std::string_view path) {
  state::Layout rest = layout();
  std::erase_if(rest.fields, [&](const elf::Field& field) { return field.path == path; });
  return rest;
}

elf::Field& field_of(state::Layout& changed, std::string_view path) {
  return *std::find_if(changed.fields.begin(), changed.fields.end(),
                       [&](const elf::Field& field) { return field.path == path; });
}

TEST(MinivalkLispFunctions, TellsWhereTheChainOfFramesBegins) {
  const auto functions = state::open_lisp_functions(layout(), kBias);
  ASSERT_NE(functions, nullptr);
  const auto chain = functions->chain();
  ASSERT_TRUE(chain);
  const elf::Field* const threads = layout().find("minivalk.heap.mutators[]");
  EXPECT_EQ(chain->threads_address, kBias + threads->address + threads->offsets[0]);
  EXPECT_EQ(chain->max_threads, 8u);
  // As struct mutator and struct frame have them.
  EXPECT_EQ(chain->thread_offset, 0u);
  EXPECT_EQ(chain->frames_offset, 16u);
  EXPECT_EQ(chain->caller_offset, 0u);
  EXPECT_EQ(chain->function_offset, 24u);
  EXPECT_TRUE(functions->call_sites().empty());
}

TEST(MinivalkLispFunctions, ReadsANameOnceWhateverItsBytes) {
  test::FakeMemory memory;
  memory.map(kNames, 4'096);
  memory.put_text(kNames, "fib");
  memory.put_text(kNames + 100, "\xff\n;");
  const auto functions = state::open_lisp_functions(layout(), kBias);
  EXPECT_EQ(functions->name({1, kNames}, memory), "fib");
  EXPECT_EQ(functions->name({2, kNames + 100}, memory), "\xff\n;");
  const std::size_t calls = memory.calls.size();
  memory.put_text(kNames, "not");  // symbols live for ever
  EXPECT_EQ(functions->name({3, kNames}, memory), "fib");
  EXPECT_EQ(memory.calls.size(), calls);
}

TEST(MinivalkLispFunctions, HasNoNameForWhatIsNotThere) {
  test::FakeMemory memory;
  const auto functions = state::open_lisp_functions(layout(), kBias);
  EXPECT_EQ(functions->name({1, 0}, memory), "");
  EXPECT_EQ(functions->name({1, kNames}, memory), "");
  EXPECT_EQ(functions->name({1, ~std::uint64_t{0}}, memory), "");
  memory.end();
  EXPECT_EQ(functions->name({1, kNames}, memory), "");
}

TEST(MinivalkLispFunctions, AreNotThereWithoutEveryPlaceThatIsNeeded) {
  for (const std::string& path : state::minivalk_lisp_paths()) {
    EXPECT_EQ(state::open_lisp_functions(without(path), kBias), nullptr) << path;
  }
  state::Layout wide = layout();
  field_of(wide, "@mutator.thread").size_bytes = 8;
  EXPECT_EQ(state::open_lisp_functions(wide, kBias), nullptr);
  state::Layout strange = layout();
  field_of(strange, "minivalk.heap.mutators[]").repeats[0].stride = 16;
  EXPECT_EQ(state::open_lisp_functions(strange, kBias), nullptr);
  state::Layout other = layout();
  other.name = "another";
  EXPECT_EQ(state::open_lisp_functions(other, kBias), nullptr);
}

// Readings are made many times a minute, and have no use for what only stacks are read by.
TEST(MinivalkLispFunctions, CostReadingsNothing) {
  test::FakeMemory memory;
  const auto reader = state::make_reader(layout(), kBias).value();
  (void)reader->read(memory, {});
  const elf::Field* const threads = layout().find("minivalk.heap.mutators[]");
  const std::uint64_t begin = kBias + threads->address + threads->offsets[0];
  for (const auto& call : memory.calls) {
    for (const auto& [address, size] : call) {
      EXPECT_TRUE(address + size <= begin || address > begin) << address;
    }
  }
}

}  // namespace
