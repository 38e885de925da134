#include "profile/stack_finder.h"

#include <utility>

#include "profile/expression.h"

namespace profile {
namespace {

using Kind = elf::CallSite::Kind;

// By the registers of the frame that has called and has not been come back to. 0: nobody knows.
std::uint64_t value_at(const elf::CallSite& site, const Frame& frame, const StackBytes& stack) {
  if (site.value.empty()) return 0;
  const ExpressionInput at_frame{frame.registers, stack, frame.frame_address, std::nullopt};
  std::optional<std::uint64_t> frame_base;
  if (!site.frame_base.empty()) frame_base = evaluate(site.frame_base, at_frame);
  return evaluate(site.value, {frame.registers, stack, frame.frame_address, frame_base})
      .value_or(0);
}

// Follows the evaluator's frames outwards. A call in the place of a result is a jump: no frame
// says that it called the function, but the one that evaluates its body is there.
class EvaluatorFrames {
 public:
  // `site`: null: the frame is at no call of the evaluator. Sets what it says of a function.
  void step(const elf::CallSite* site, std::uint64_t value, FoundFrame& frame) {
    const bool calls = site != nullptr && site->kind == Kind::kFunction;
    if (calls) frame.called = value;
    if (evaluates_body_ && !calls) frame.called = 0;
    if (frame.called == std::uint64_t{0}) frame.part_of_body = part_of_body_;
    evaluates_body_ = site != nullptr && site->kind == Kind::kBody;
    part_of_body_ = evaluates_body_ ? value : 0;
  }

 private:
  // Of the frame before this one:
  bool evaluates_body_ = false;
  std::uint64_t part_of_body_ = 0;
};

}  // namespace

StackFinder::StackFinder(CodeFacts facts, std::vector<CodeFile> files)
    : modules_(std::move(facts.modules)), files_(std::move(files)) {
  for (elf::CallSite& site : facts.calls) {
    const std::uint64_t address = site.return_address;
    calls_.try_emplace(address, std::move(site));
  }
}

FoundStacks StackFinder::find(const std::vector<StackRequest>& requests) {
  for (const StackRequest& request : requests) found_.stacks.push_back(find_one(request));
  return std::exchange(found_, {});
}

FoundStack StackFinder::find_one(const StackRequest& request) {
  Registers registers;
  for (std::size_t i = 0; i < request.registers.size(); ++i) registers.set(i, request.registers[i]);
  const StackBytes bytes(request.stack_address, request.stack);
  const Unwound unwound =
      unwind(registers, bytes, modules_,
             [this](std::size_t file, std::uint64_t address) -> const elf::UnwindRow* {
               return file < files_.size() ? files_[file].row_at(address) : nullptr;
             });
  FoundStack stack;
  stack.ending = unwound.ending;
  EvaluatorFrames evaluator;
  for (const Frame& frame : unwound.frames) {
    FoundFrame& found = stack.frames.emplace_back();
    found.location = location_of(frame);
    found.end = frame.frame_address;
    const elf::CallSite* const site = site_of(frame);
    evaluator.step(site, site != nullptr ? value_at(*site, frame, bytes) : 0, found);
  }
  return stack;
}

// Null: the frame is at no call of the evaluator.
const elf::CallSite* StackFinder::site_of(const Frame& frame) const {
  const auto site = calls_.find(frame.address);
  return frame.is_exact || site == calls_.end() ? nullptr : &site->second;
}

// The last one of a full table stands for all that have no place.
std::size_t StackFinder::location_of(const Frame& frame) {
  const std::uint64_t address = frame.lookup_address();
  const auto known = locations_.find(address);
  if (known != locations_.end()) return known->second;
  if (locations_.size() >= kMaxLocations) return kMaxLocations - 1;
  FoundLocation location;
  if (locations_.size() + 1 < kMaxLocations) {
    location.address = address;
    if (const Module* const module = modules_.find(address)) {
      location.module = static_cast<std::size_t>(module - modules_.modules().data());
      location.lines = lines_of(address, *module);
    }
  }
  const std::size_t number = locations_.size();
  locations_.emplace(address, number);
  found_.new_locations.push_back(std::move(location));
  return number;
}

// All of a place's functions or none: those that it was put into did not call what is left.
std::vector<FoundLine> StackFinder::lines_of(std::uint64_t address, const Module& module) {
  std::vector<FoundLine> lines;
  if (module.file >= files_.size()) return lines;
  for (auto& function : files_[module.file].functions_at(address - module.bias)) {
    const std::uint64_t line = function.line;
    const auto number = function_of(std::move(function));
    if (!number || lines.size() == kMaxFoundLines) return {};
    lines.push_back({*number, line});
  }
  return lines;
}

// None: it has no place any more.
std::optional<std::size_t> StackFinder::function_of(elf::SourceFunction function) {
  for (std::string* const text : {&function.name, &function.linkage_name, &function.file}) {
    if (text->size() > kMaxNameBytes) text->resize(kMaxNameBytes);
  }
  auto key = std::pair(function.name, function.linkage_name);
  const auto known = functions_.find(key);
  if (known != functions_.end()) return known->second;
  const std::size_t number = functions_.size();
  if (number >= kMaxFunctions) return std::nullopt;
  functions_.emplace(std::move(key), number);
  found_.new_functions.push_back(
      {std::move(function.name), std::move(function.linkage_name), std::move(function.file)});
  return number;
}

}  // namespace profile
