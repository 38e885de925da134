// Where the evaluator of the runtime of February 2026 keeps its calls, by the debug information of
// our puppet of it.
#include "state/runtimes/valkyria_2026_02_lisp.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "elf/debug_information.h"
#include "state/known_layouts.h"

namespace {

constexpr std::uint64_t kBias = 0x5555'5555'4000;

const state::Layout& layout() {
  static const state::Layout resolved = [] {
    base::UniqueFd fd(::open(VALKYRIA_PUPPET_DIR "/valkyria_2026_02", O_RDONLY | O_CLOEXEC));
    const auto file = elf::ElfFile::open(std::move(fd), "valkyria_2026_02").value();
    return state::resolve_known_layout(elf::DebugInformation::open(file).value()).value();
  }();
  return resolved;
}

TEST(Valkyria202602LispFunctions, TellWhereTheStackOfTheEvaluatorIs) {
  const auto functions = state::open_lisp_functions(layout(), kBias);
  ASSERT_NE(functions, nullptr);
  EXPECT_FALSE(functions->chain());
  EXPECT_TRUE(functions->call_sites().empty());
  const auto evaluation = functions->evaluation();
  ASSERT_TRUE(evaluation);
  const elf::Field* const threads = layout().find("valk_sys->threads[].thread_id");
  EXPECT_EQ(evaluation->runtime_address, kBias + threads->address);
  EXPECT_EQ(evaluation->max_threads, 64u);
  EXPECT_EQ(evaluation->thread_bytes, 24u);
  EXPECT_EQ(evaluation->handle_offset, evaluation->context_offset + 8);
  // As the structures of the puppet have them.
  EXPECT_EQ(evaluation->stack_offset, 8u);
  EXPECT_EQ(evaluation->expression_offset, 16u);
  EXPECT_EQ(evaluation->count_offset, 8u);
  EXPECT_EQ(evaluation->capacity_offset, 16u);
  EXPECT_EQ(evaluation->frame_bytes, 56u);
  EXPECT_EQ(evaluation->environment_offset, 8u);
  EXPECT_EQ(evaluation->head_offset, 24u);
  EXPECT_EQ(evaluation->tail_offset, 32u);
  EXPECT_EQ(evaluation->kinds[1].offset, 24u);
  EXPECT_EQ(evaluation->kinds[2].offset, 48u);
  EXPECT_EQ(evaluation->kinds[2].role, model::Continuation::Role::kRest);
  EXPECT_EQ(evaluation->kinds[9].role, model::Continuation::Role::kCall);
}

TEST(Valkyria202602LispFunctions, AreNotThereWithoutEveryPlaceThatIsNeeded) {
  for (const std::string& path : state::valkyria_2026_02_lisp_paths()) {
    state::Layout rest = layout();
    std::erase_if(rest.fields, [&](const elf::Field& field) { return field.path == path; });
    EXPECT_EQ(state::open_lisp_functions(rest, kBias), nullptr) << path;
  }
}

}  // namespace
