#include "profile/found_stacks.h"

#include <utility>

namespace profile {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::uint64_t kNone = ~std::uint64_t{0};

std::uint64_t or_none(const std::optional<std::uint64_t>& number) {
  return number.value_or(kNone);
}

std::optional<std::uint64_t> unless_none(std::uint64_t number) {
  return number == kNone ? std::nullopt : std::optional(number);
}

std::optional<StackRequest> read_request(WireReader& reader) {
  StackRequest request;
  for (std::uint64_t& value : request.registers) {
    const auto taken = reader.take();
    if (!taken) return std::nullopt;
    value = *taken;
  }
  const auto address = reader.take();
  const auto stack = reader.take_bytes();
  if (!address || !stack) return std::nullopt;
  request.stack_address = *address;
  request.stack.assign(stack->begin(), stack->end());
  return request;
}

// How long a list may be, and how short one of its entries.
struct ListLimits {
  std::size_t least_bytes;
  std::size_t most = kMaxMessageBytes;
};

// Reads a list whose entries `read_one` reads.
template <typename Entry, typename ReadOne>
bool read_list(WireReader& reader, const ListLimits& limits, std::vector<Entry>& list,
               ReadOne read_one) {
  const auto count = reader.take_count(limits.least_bytes);
  if (!count || *count > limits.most) return false;
  for (std::size_t i = 0; i < *count; ++i) {
    auto entry = read_one();
    if (!entry) return false;
    list.push_back(std::move(*entry));
  }
  return true;
}

// An index below a limit.
std::optional<std::size_t> take_index(WireReader& reader, std::size_t limit) {
  const auto index = reader.take();
  return index && *index < limit ? std::optional<std::size_t>(*index) : std::nullopt;
}

std::optional<FoundFunction> read_function(WireReader& reader) {
  auto name = reader.take_text(kMaxNameBytes);
  auto system_name = reader.take_text(kMaxNameBytes);
  auto file = reader.take_text(kMaxNameBytes);
  if (!file) return std::nullopt;
  return FoundFunction{std::move(*name), std::move(*system_name), std::move(*file)};
}

std::optional<FoundLocation> read_location(WireReader& reader, std::size_t functions,
                                           std::size_t modules) {
  const auto address = reader.take();
  const auto module = reader.take();
  if (!module || (*module != kNone && *module >= modules)) return std::nullopt;
  FoundLocation location{*address, unless_none(*module), {}};
  const auto read_line = [&]() -> std::optional<FoundLine> {
    const auto function = take_index(reader, functions);
    const auto line = reader.take();
    if (!function || !line) return std::nullopt;
    return FoundLine{*function, *line};
  };
  if (!read_list(reader, {2 * kWord, kMaxFoundLines}, location.lines, read_line)) {
    return std::nullopt;
  }
  return location;
}

std::optional<FoundStack> read_stack(WireReader& reader, std::size_t locations) {
  const auto ending = take_index(reader, std::size_t(Ending::kTooDeep) + 1);
  if (!ending) return std::nullopt;
  FoundStack stack;
  stack.ending = static_cast<Ending>(*ending);
  const auto read_frame = [&]() -> std::optional<FoundFrame> {
    const auto location = take_index(reader, locations);
    const auto end = reader.take();
    const auto called = reader.take();
    const auto part_of_body = reader.take();
    if (!location || !part_of_body) return std::nullopt;
    return FoundFrame{*location, unless_none(*end), unless_none(*called), *part_of_body};
  };
  if (!read_list(reader, {4 * kWord, kMaxFrames}, stack.frames, read_frame)) return std::nullopt;
  return stack.frames.empty() ? std::nullopt : std::optional(std::move(stack));
}

bool read_expression(WireReader& reader, elf::Expression& expression) {
  return read_list(reader, {3 * kWord}, expression, [&]() -> std::optional<elf::Operation> {
    const auto code = take_index(reader, 0x100);
    const auto first = reader.take();
    const auto second = reader.take();
    if (!code || !second) return std::nullopt;
    return elf::Operation{static_cast<std::uint8_t>(*code), *first, *second};
  });
}

void write_expression(WireWriter& writer, const elf::Expression& expression) {
  writer.put(expression.size());
  for (const elf::Operation& operation : expression) {
    writer.put(operation.code);
    writer.put(operation.first);
    writer.put(operation.second);
  }
}

std::optional<elf::CallSite> read_site(WireReader& reader) {
  elf::CallSite site;
  const auto address = reader.take();
  const auto kind = take_index(reader, std::size_t(elf::CallSite::Kind::kBody) + 1);
  if (!kind || !read_expression(reader, site.value) || !read_expression(reader, site.frame_base)) {
    return std::nullopt;
  }
  site.return_address = *address;
  site.kind = static_cast<elf::CallSite::Kind>(*kind);
  return site;
}

std::string_view cut(const std::string& text) {
  return std::string_view(text).substr(0, kMaxNameBytes);
}

}  // namespace

std::vector<std::byte> write_requests(const std::vector<StackRequest>& requests) {
  WireWriter writer;
  writer.put(requests.size());
  for (const StackRequest& request : requests) {
    for (const std::uint64_t value : request.registers) writer.put(value);
    writer.put(request.stack_address);
    writer.put_bytes(request.stack);
  }
  return writer.bytes();
}

std::optional<std::vector<StackRequest>> read_requests(std::span<const std::byte> message) {
  WireReader reader(message);
  std::vector<StackRequest> requests;
  const bool is_whole = read_list(reader, {(elf::kRegisters + 2) * kWord}, requests,
                                  [&] { return read_request(reader); });
  return is_whole && reader.is_at_end() ? std::optional(std::move(requests)) : std::nullopt;
}

std::vector<std::byte> write_found(const FoundStacks& found) {
  WireWriter writer;
  writer.put(found.new_functions.size());
  for (const FoundFunction& function : found.new_functions) {
    writer.put_text(cut(function.name));
    writer.put_text(cut(function.system_name));
    writer.put_text(cut(function.file));
  }
  writer.put(found.new_locations.size());
  for (const FoundLocation& location : found.new_locations) {
    writer.put(location.address);
    writer.put(or_none(location.module));
    writer.put(location.lines.size());
    for (const FoundLine& line : location.lines) {
      writer.put(line.function);
      writer.put(line.line);
    }
  }
  writer.put(found.stacks.size());
  for (const FoundStack& stack : found.stacks) {
    writer.put(static_cast<std::uint64_t>(stack.ending));
    writer.put(stack.frames.size());
    for (const FoundFrame& frame : stack.frames) {
      writer.put(frame.location);
      writer.put(or_none(frame.end));
      writer.put(or_none(frame.called));
      writer.put(frame.part_of_body);
    }
  }
  return writer.bytes();
}

base::Result<FoundStacks> read_found(std::span<const std::byte> message,
                                     std::size_t known_functions, std::size_t known_locations,
                                     std::size_t modules) {
  WireReader reader(message);
  FoundStacks found;
  bool is_whole = known_functions <= kMaxFoundFunctions && known_locations <= kMaxFoundLocations;
  is_whole = is_whole && read_list(reader, {3 * kWord, kMaxFoundFunctions - known_functions},
                                   found.new_functions, [&] { return read_function(reader); });
  const std::size_t functions = known_functions + found.new_functions.size();
  is_whole = is_whole && read_list(reader, {3 * kWord, kMaxFoundLocations - known_locations},
                                   found.new_locations,
                                   [&] { return read_location(reader, functions, modules); });
  const std::size_t locations = known_locations + found.new_locations.size();
  is_whole = is_whole && read_list(reader, {2 * kWord}, found.stacks,
                                   [&] { return read_stack(reader, locations); });
  if (is_whole && reader.is_at_end()) return found;
  return base::fail("hear from the process that unwinds samples: what it says makes no sense");
}

std::vector<std::byte> write_facts(const CodeFacts& facts) {
  WireWriter writer;
  writer.put(facts.modules.modules().size());
  for (const Module& module : facts.modules.modules()) {
    for (const std::uint64_t number :
         {module.begin, module.end, module.bias, static_cast<std::uint64_t>(module.file)}) {
      writer.put(number);
    }
  }
  writer.put(facts.calls.size());
  for (const elf::CallSite& site : facts.calls) {
    writer.put(site.return_address);
    writer.put(static_cast<std::uint64_t>(site.kind));
    write_expression(writer, site.value);
    write_expression(writer, site.frame_base);
  }
  return writer.bytes();
}

std::optional<CodeFacts> read_facts(std::span<const std::byte> message) {
  WireReader reader(message);
  std::vector<Module> modules;
  CodeFacts facts;
  const bool is_whole = read_list(reader, {4 * kWord}, modules, [&]() -> std::optional<Module> {
    const auto begin = reader.take();
    const auto end = reader.take();
    const auto bias = reader.take();
    const auto file = reader.take();
    if (!file) return std::nullopt;
    return Module{*begin, *end, *bias, *file};
  });
  if (!is_whole ||
      !read_list(reader, {4 * kWord}, facts.calls, [&] { return read_site(reader); }) ||
      !reader.is_at_end()) {
    return std::nullopt;
  }
  facts.modules = ModuleMap(std::move(modules));
  return facts;
}

}  // namespace profile
