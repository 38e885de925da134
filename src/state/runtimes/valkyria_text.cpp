#include "state/runtimes/valkyria_text.h"

#include <array>
#include <string_view>
#include <utility>

#include "state/runtimes/page_cache.h"

namespace state::valkyria {
namespace {

constexpr const char* kFlagsPath = "@valk_lval_t.flags";
constexpr const char* kHeadPath = "@valk_lval_t.cons.head";
constexpr const char* kTailPath = "@valk_lval_t.cons.tail";
constexpr const char* kTextPath = "@valk_lval_t.str";

// The type in the lowest byte of the flags.
constexpr std::uint64_t kTypeBits = 0xff;
constexpr std::uint64_t kSymbol = 2;
constexpr std::uint64_t kList = 7;
constexpr std::uint64_t kQuoted = 0x8'0000;

constexpr std::size_t kShared = static_cast<std::size_t>(-1);

// Of all functions together; a large script has some 10,000.
constexpr std::size_t kMaxElements = 200'000;
constexpr std::size_t kMaxListElements = 10'000;

constexpr std::uint64_t kWalkAtMostEveryNs = 500'000'000;

std::optional<std::uint32_t> place_in_object(const Layout& layout, const char* path) {
  const elf::Field* const field = layout.find(path);
  if (field == nullptr || field->size_bytes != sizeof(std::uint64_t)) return std::nullopt;
  return static_cast<std::uint32_t>(field->offsets.back());  // at most 4 MiB
}

// What is evaluated of a list, beside its elements that are lists to be evaluated themselves: by
// its first element.
enum class Form {
  kCall,    // nothing
  kAsIs,    // nothing at all: it is taken as it stands
  kLambda,  // nothing: the text of another function
  kBranch,  // quoted elements, in this function
  kSelect,  // elements of its elements
};

struct NamedForm {
  std::string_view symbol;
  Form form;
};
constexpr std::array kForms{
    NamedForm{"quote", Form::kAsIs},  NamedForm{"quasiquote", Form::kAsIs},
    NamedForm{"\\", Form::kLambda},   NamedForm{"if", Form::kBranch},
    NamedForm{"eval", Form::kBranch}, NamedForm{"select", Form::kSelect},
};

// Walks through the text of one function after the other.
class TextWalk {
 public:
  TextWalk(const TextPlaces& places, memory::Memory& memory, std::uint64_t now_ns)
      : places_(places), memory_(memory), now_ns_(now_ns) {}

  // Its body is a list: one expression, or several, each a list.
  void add_function(std::size_t function, std::uint64_t body) {
    function_ = function;
    const std::vector<std::uint64_t> elements = elements_of(body);
    if (elements.empty()) return;
    if ((flags_of(elements.front()) & kTypeBits) == kList) {
      for (const std::uint64_t element : elements) add_expression(element);
    } else {
      add_form(elements);
    }
    while (!lists_.empty()) {
      const std::uint64_t list = lists_.back();
      lists_.pop_back();
      add_form(elements_of(list));
    }
  }

  FunctionTexts::Elements take() { return std::move(elements_); }

 private:
  void add_form(const std::vector<std::uint64_t>& elements) {
    if (elements.empty()) return;
    const Form form = form_of(elements.front());
    // By that it would be known as an expression while it is none any more.
    if (form != Form::kAsIs) add(elements.front());
    if (form == Form::kCall) add_argument(elements.front());
    for (std::size_t i = 1; i < elements.size(); ++i) {
      if (form == Form::kBranch) {
        add_expression(elements[i]);
      } else if (form == Form::kSelect) {
        add(elements[i]);
        for (const std::uint64_t part : elements_of(elements[i])) add_expression(part);
      } else if (form == Form::kCall) {
        add_argument(elements[i]);
      } else {
        add(elements[i]);
      }
    }
  }

  void add_expression(std::uint64_t element) {
    add(element);
    if ((flags_of(element) & kTypeBits) == kList) lists_.push_back(element);
  }

  void add_argument(std::uint64_t element) {
    add(element);
    if ((flags_of(element) & (kTypeBits | kQuoted)) == kList) lists_.push_back(element);
  }

  void add(std::uint64_t element) {
    if (elements_.size() >= kMaxElements) return;
    const auto [known, is_new] = elements_.try_emplace(element);
    if (is_new) known->second = {function_, now_ns_};
    if (known->second.function != function_) known->second.function = kShared;
  }

  // Of a list; its end is added, too.
  std::vector<std::uint64_t> elements_of(std::uint64_t list) {
    std::vector<std::uint64_t> elements;
    while (elements.size() < kMaxListElements && steps_++ < kMaxElements) {
      if ((flags_of(list) & kTypeBits) != kList) {
        add(list);
        break;
      }
      const auto head = memory_.word(list + places_.head);
      const auto tail = memory_.word(list + places_.tail);
      if (!head || !tail || *head == 0) break;
      elements.push_back(*head);
      list = *tail;
    }
    return elements;
  }

  Form form_of(std::uint64_t element) {
    if ((flags_of(element) & kTypeBits) != kSymbol) return Form::kCall;
    const auto text = memory_.word(element + places_.text);
    for (const NamedForm& named : kForms) {
      if (text && memory_.has_text(*text, named.symbol)) return named.form;
    }
    return Form::kCall;
  }

  std::uint64_t flags_of(std::uint64_t object) {
    return memory_.word(object + places_.flags).value_or(0);
  }

  const TextPlaces& places_;
  PageCache memory_;
  std::uint64_t now_ns_;
  std::size_t function_ = 0;
  std::size_t steps_ = 0;
  std::vector<std::uint64_t> lists_;  // that are still to be looked at
  FunctionTexts::Elements elements_;
};

}  // namespace

std::vector<std::string> text_paths() {
  return {kFlagsPath, kHeadPath, kTailPath, kTextPath};
}

std::optional<TextPlaces> text_places(const Layout& layout) {
  const auto flags = place_in_object(layout, kFlagsPath);
  const auto head = place_in_object(layout, kHeadPath);
  const auto tail = place_in_object(layout, kTailPath);
  const auto text = place_in_object(layout, kTextPath);
  if (!flags || !head || !tail || !text) return std::nullopt;
  return TextPlaces{*flags, *head, *tail, *text};
}

void FunctionTexts::prepare(memory::Memory& memory) {
  root_.prepare(memory);
  rebuild(memory, now_());
  for (auto& [address, element] : elements_) element.since_ns = 0;
}

std::string FunctionTexts::name(const model::LispFrame& frame, memory::Memory& memory) {
  if (frame.function == 0) return "";
  follow(memory, !elements_.contains(frame.function));
  const Element* const element = find(frame.function);
  if (element == nullptr) return "";
  if (frame.witness != 0) {
    const Element* const witness = find(frame.witness);
    if (witness == nullptr || witness->function != element->function) return "";
  }
  return names_[element->function];
}

const FunctionTexts::Element* FunctionTexts::find(std::uint64_t address) const {
  const auto known = elements_.find(address);
  if (known == elements_.end() || known->second.function == kShared) return nullptr;
  // What they were before a collection may be somewhere else, and something else there.
  if (root_.changed_ns() > rebuilt_ns_) return nullptr;
  return root_.is_sure(known->second.since_ns) ? &known->second : nullptr;
}

void FunctionTexts::follow(memory::Memory& memory, bool misses_something) {
  const std::uint64_t now_ns = now_();
  const bool is_early = now_ns - rebuilt_ns_ < kWalkAtMostEveryNs;
  root_.follow(memory, misses_something && !is_early);
  if (root_.read_ns() != root_read_ns_ && !is_early) rebuild(memory, now_ns);
}

void FunctionTexts::rebuild(memory::Memory& memory, std::uint64_t now_ns) {
  TextWalk walk(places_, memory, now_ns);
  std::vector<std::string> names;
  for (const auto& [body, bound] : root_.texts()) {
    walk.add_function(names.size(), body);
    names.push_back(bound.name);
  }
  Elements elements = walk.take();
  for (auto& [address, element] : elements) {
    const auto before = elements_.find(address);
    if (before == elements_.end() || element.function == kShared ||
        before->second.function == kShared) {
      continue;
    }
    if (names_[before->second.function] == names[element.function]) {
      element.since_ns = before->second.since_ns;
    }
  }
  elements_ = std::move(elements);
  names_ = std::move(names);
  root_read_ns_ = root_.read_ns();
  rebuilt_ns_ = now_ns;
}

}  // namespace state::valkyria
