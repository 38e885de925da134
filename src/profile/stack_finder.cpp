#include "profile/stack_finder.h"

#include <utility>

#include "profile/expression.h"

namespace profile {

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
  for (const Frame& frame : unwound.frames) {
    stack.frames.push_back({location_of(frame), frame.frame_address, called_by(frame, bytes)});
  }
  return stack;
}

// By the registers of the frame that has called and has not been come back to.
std::optional<std::uint64_t> StackFinder::called_by(const Frame& frame,
                                                    const StackBytes& stack) const {
  if (frame.is_exact) return std::nullopt;
  const auto site = calls_.find(frame.address);
  if (site == calls_.end()) return std::nullopt;
  if (site->second.value.empty()) return 0;
  const ExpressionInput at_frame{frame.registers, stack, frame.frame_address, std::nullopt};
  std::optional<std::uint64_t> frame_base;
  if (!site->second.frame_base.empty()) frame_base = evaluate(site->second.frame_base, at_frame);
  return evaluate(site->second.value, {frame.registers, stack, frame.frame_address, frame_base})
      .value_or(0);
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
