// Which function an element of a text belongs to, in a memory that the test fills.
#include "state/runtimes/valkyria_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "state_support.h"

namespace {

using state::valkyria::FunctionTexts;
using state::valkyria::RootFunctions;

constexpr state::valkyria::RootPaths kRoot{"names", "name_count", "values", "value_count",
                                           "collections"};
constexpr std::uint64_t kFields = 0x10'0000;
constexpr std::uint64_t kNames = 0x20'0000;
constexpr std::uint64_t kValues = 0x21'0000;
constexpr std::uint64_t kObjects = 0x23'0000;
constexpr std::uint64_t kHeap = 0x200;
constexpr std::uint64_t kQuoted = 0x8'0000;
constexpr std::uint64_t kSecond = 1'000'000'000;
enum Type { kNumber = 1, kSymbol = 2, kFunction = 4, kNil = 6, kList = 7 };

class FunctionTextsTest : public testing::Test {
 protected:
  FunctionTextsTest() {
    for (const std::uint64_t place : {kFields, kNames, kValues}) memory_.map(place, 0x1000);
    memory_.map(kObjects, 0x10000);
    memory_.put(kFields, kNames);
    memory_.put(kFields + 16, kValues);
  }

  // Binds a function whose body is this text.
  void bind(const std::string& name, std::string_view body) {
    const std::uint64_t body_at = parse(body);
    const std::uint64_t function = make(kFunction);
    memory_.put(function + 64, body_at);
    memory_.put(kNames + 8 * bound_, text(name));
    memory_.put(kValues + 8 * bound_, function);
    ++bound_;
    memory_.put(kFields + 8, bound_);
    memory_.put(kFields + 24, bound_);
  }

  // Reads one object of a text, and remembers where its atoms are, by what they are called, and
  // where its lists end, by their first element.
  std::uint64_t parse(std::string_view source) { return parse_one(source); }

  std::string name(const std::string& atom, const std::string& witness = "") {
    return texts_.name({1, at_.at(atom), witness.empty() ? 0 : at_.at(witness)}, memory_);
  }

  std::uint64_t place_flags_ = kHeap;
  test::FakeMemory memory_;
  std::uint64_t now_ = 100 * kSecond;
  std::map<std::string, std::uint64_t> at_;
  std::uint64_t collections_ = 0;
  FunctionTexts texts_ = [this] {
    const RootFunctions::Clock clock = [this] { return now_; };
    return FunctionTexts(*state::valkyria::text_places(layout()),
                         *RootFunctions::open(kRoot, layout(), 0, clock), clock);
  }();

  static state::Layout layout() {
    state::Layout layout = test::layout_of({test::number_field("names", kFields, {0}),
                                            test::number_field("name_count", kFields, {8}),
                                            test::number_field("values", kFields, {16}),
                                            test::number_field("value_count", kFields, {24}),
                                            test::number_field("collections", kFields, {32})});
    for (const auto& [path, offset] :
         {std::pair<const char*, std::uint64_t>{"@valk_lval_t.flags", 0},
          {"@valk_lval_t.fun.builtin", 24},
          {"@valk_lval_t.fun.body", 64},
          {"@valk_lval_t.cons.head", 24},
          {"@valk_lval_t.cons.tail", 32},
          {"@valk_lval_t.str", 24}}) {
      layout.fields.push_back(test::number_field(path, 0, {offset}, {}, 8, elf::FieldKind::kPlace));
    }
    return layout;
  }

 private:
  std::uint64_t make(std::uint64_t flags) {
    const std::uint64_t made = kObjects + 80 * made_++;
    memory_.put(made, flags | place_flags_);
    return made;
  }

  std::uint64_t text(std::string_view word) {
    const std::uint64_t at = kObjects + 0x8000 + 16 * texts_made_++;
    memory_.put_text(at, std::string(word));
    return at;
  }

  std::uint64_t parse_one(std::string_view& rest) {
    const char opening = rest.front();
    if (opening == '(' || opening == '{') return parse_list(rest);
    const std::string atom(rest.substr(0, rest.find_first_of(" (){}")));
    rest.remove_prefix(atom.size());
    const std::uint64_t made = make(kSymbol);
    memory_.put(made + 24, text(atom));
    at_[atom] = made;
    return made;
  }

  std::uint64_t parse_list(std::string_view& rest) {
    const bool is_quoted = rest.front() == '{';
    rest.remove_prefix(1);
    std::vector<std::uint64_t> elements;
    const std::string first(rest.substr(0, rest.find_first_of(" (){}")));
    while (rest.front() != ')' && rest.front() != '}') {
      elements.push_back(parse_one(rest));
      if (rest.front() == ' ') rest.remove_prefix(1);
    }
    rest.remove_prefix(1);
    std::uint64_t list = make(kNil);
    at_["end of " + first] = list;
    for (auto element = elements.rbegin(); element != elements.rend(); ++element) {
      const std::uint64_t part = make(kList);
      memory_.put(part + 24, *element);
      memory_.put(part + 32, list);
      list = part;
    }
    if (is_quoted && !elements.empty()) memory_.put(list, kList | kQuoted | place_flags_);
    return list;
  }

  std::uint64_t made_ = 0;
  std::uint64_t texts_made_ = 0;
  std::uint64_t bound_ = 0;
};

TEST_F(FunctionTextsTest, KnowWhatIsEvaluated) {
  bind("one", "{add a (sub b c)}");
  bind("two", "{(first d) (second e)}");
  EXPECT_EQ(name("add"), "one");
  EXPECT_EQ(name("a"), "one");
  EXPECT_EQ(name("c"), "one");
  EXPECT_EQ(name("end of sub"), "one");
  EXPECT_EQ(name("d"), "two");
  EXPECT_EQ(name("end of second"), "two");
  EXPECT_EQ(texts_.name({1, 0, 0}, memory_), "");
  EXPECT_EQ(texts_.name({1, 0x1234, 0}, memory_), "");
}

TEST_F(FunctionTextsTest, GoIntoWhatIsQuotedWhereItIsEvaluatedHere) {
  bind("one", "{if a {add b} {select {c d} {e {sub f}}}}");
  bind("two", "{eval {mul g}}");
  for (const char* const atom : {"a", "b", "c", "d", "e", "f", "end of sub"}) {
    EXPECT_EQ(name(atom), "one") << atom;
  }
  EXPECT_EQ(name("g"), "two");
}

// A function without a name, something that another function evaluates, or nobody.
TEST_F(FunctionTextsTest, LeaveOutWhatIsEvaluatedElsewhere) {
  bind("one", "{map (\\ {x} {add x}) {let {sub y}} (quote (mul z)) w}");
  EXPECT_EQ(name("add"), "");
  EXPECT_EQ(name("sub"), "");
  EXPECT_EQ(name("y"), "");
  EXPECT_EQ(name("mul"), "");
  EXPECT_EQ(name("quote"), "");  // by that it would stay known while it is none any more
  EXPECT_EQ(name("w"), "one");
  EXPECT_EQ(name("end of map"), "one");
}

TEST_F(FunctionTextsTest, BelieveTwoThatAgree) {
  bind("one", "{add a}");
  bind("two", "{sub b}");
  EXPECT_EQ(name("a", "add"), "one");
  EXPECT_EQ(name("a", "b"), "");
  parse("(nobody c)");
  EXPECT_EQ(name("a", "c"), "");
  EXPECT_EQ(name("c", "a"), "");
}

// It is used anew when its functions have been copied to somewhere else.
TEST_F(FunctionTextsTest, TrustAnArenaUntilAFunctionMoves) {
  place_flags_ = 0;
  bind("one", "{add a}");
  texts_.prepare(memory_);
  EXPECT_EQ(name("a"), "one");
  now_ += kSecond / 10;
  memory_.put(kValues, kObjects + 0x7000);
  EXPECT_EQ(name("a"), "");
  now_ += kSecond;
  EXPECT_EQ(name("a"), "");  // nobody has it any more
}

TEST_F(FunctionTextsTest, LearnWhatIsNew) {
  bind("one", "{add a}");
  EXPECT_EQ(name("a"), "one");
  bind("two", "{sub b}");
  EXPECT_EQ(name("b"), "");  // it was read just now
  now_ += kSecond;
  EXPECT_EQ(name("b"), "two");
  EXPECT_EQ(name("a"), "one");
}

// Then something else may be where it was when the sample was taken.
TEST_F(FunctionTextsTest, KnowNothingThatMayHaveMoved) {
  bind("one", "{add a}");
  texts_.prepare(memory_);
  EXPECT_EQ(name("a"), "one");
  now_ += kSecond;
  memory_.put(kFields + 32, std::uint64_t{1});
  EXPECT_EQ(name("a"), "one");  // it was read again, and is still there
  now_ += kSecond / 10;
  memory_.put(kFields + 32, std::uint64_t{2});
  EXPECT_EQ(name("a"), "");
  now_ += kSecond;
  EXPECT_EQ(name("a"), "one");
}

TEST_F(FunctionTextsTest, EndWithTheProcess) {
  bind("one", "{add a}");
  memory_.end();
  EXPECT_EQ(name("a"), "");
}

// A list that never ends.
TEST_F(FunctionTextsTest, HaveALimit) {
  bind("one", "{add a}");
  const std::uint64_t last = at_.at("end of add") + 80;
  memory_.put(last + 32, last);
  EXPECT_EQ(name("a"), "one");
  EXPECT_LT(texts_.size(), 10u);
}

}  // namespace
