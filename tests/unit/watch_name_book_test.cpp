#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "watch/name_book.h"
#include "watch/remembered_names.h"

namespace {

using watch::NameBook;
using watch::NamedThing;
using watch::Owner;

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kMinute = 60 * kSecond;

target::Marks marks_of(const std::string& script, std::uint16_t port = 0, std::uint32_t uid = 0) {
  target::Marks marks;
  marks.base = script;
  marks.script = script;
  marks.port = port;
  marks.uid = uid;
  return marks;
}

// A machine whose clock stands until it is moved; a process is its number.
class NameBookTest : public testing::Test {
 protected:
  std::optional<std::string> ask(int pid, const target::Marks& marks, std::uint64_t age_ns) {
    return book_.name(Owner{pid, 1}, marks, now_ns_ - age_ns, now_ns_);
  }
  // Of one that has been there for a while.
  std::string old(int pid, const target::Marks& marks) {
    return ask(pid, marks, kMinute).value_or("(later)");
  }
  // Of one that was started just now.
  std::string young(int pid, const target::Marks& marks) {
    return ask(pid, marks, 0).value_or("(later)");
  }
  void end(int pid) { book_.end(Owner{pid, 1}, now_ns_); }
  void pass(std::uint64_t time_ns) { now_ns_ += time_ns; }

  NameBook book_;
  std::uint64_t now_ns_ = 1'000'000 * kSecond;
};

TEST_F(NameBookTest, TheFirstHasTheBaseAndOthersTheLowestFreeNumber) {
  EXPECT_EQ(young(1, marks_of("shop.valk")), "shop.valk");
  EXPECT_EQ(young(2, marks_of("shop.valk")), "shop.valk-2");
  EXPECT_EQ(young(3, marks_of("shop.valk")), "shop.valk-3");
  EXPECT_EQ(young(2, marks_of("shop.valk")), "shop.valk-2") << "as it was";
  EXPECT_EQ(young(4, marks_of("till.valk")), "till.valk");
}

TEST_F(NameBookTest, InARollingRestartEachHasTheNameOfItsPredecessor) {
  for (int pid = 1; pid <= 3; ++pid) young(pid, marks_of("shop.valk"));
  for (int pid = 1; pid <= 3; ++pid) {
    const std::string name = young(pid, marks_of("shop.valk"));
    end(pid);
    pass(kMinute);
    EXPECT_EQ(young(pid + 10, marks_of("shop.valk")), name);
    pass(kMinute);
  }
}

TEST_F(NameBookTest, AllThatEndTogetherHaveSuccessorsInTheOrderOfNames) {
  for (int pid = 1; pid <= 11; ++pid) young(pid, marks_of("shop.valk"));
  for (int pid = 1; pid <= 11; ++pid) end(pid);
  pass(kSecond);
  EXPECT_EQ(young(21, marks_of("shop.valk")), "shop.valk");
  for (int number = 2; number <= 11; ++number) {
    EXPECT_EQ(young(20 + number, marks_of("shop.valk")), "shop.valk-" + std::to_string(number));
  }
}

// What it has counted since would look as if it had been counted now.
TEST_F(NameBookTest, WhoRanBesideItIsNoSuccessor) {
  young(1, marks_of("shop.valk"));
  pass(kMinute);
  end(1);
  EXPECT_EQ(ask(2, marks_of("shop.valk"), 30 * kSecond), "shop.valk-2");
  EXPECT_EQ(ask(3, marks_of("shop.valk"), kSecond), "shop.valk") << "ends are noticed late";
}

TEST_F(NameBookTest, AStrangerWaitsForAnHour) {
  young(1, marks_of("shop.valk"));
  end(1);
  pass(NameBook::kKeptNs - 1);
  EXPECT_EQ(young(2, marks_of("shop.valk", 0, 1000)), "shop.valk-2") << "of another user";
  pass(1);
  EXPECT_EQ(young(3, marks_of("shop.valk", 0, 1001)), "shop.valk");
  EXPECT_EQ(young(2, marks_of("shop.valk", 0, 1000)), "shop.valk-2") << "for as long as it runs";
}

TEST_F(NameBookTest, AUnitWithSeveralScriptsNamesThem) {
  target::Marks marks = marks_of("a.valk");
  marks.base = marks.unit = "shop";
  EXPECT_EQ(young(1, marks), "shop");
  marks.script = "b.valk";
  EXPECT_EQ(young(2, marks), "shop:b.valk");
  EXPECT_EQ(young(3, marks), "shop-2") << "b.valk tells nobody apart";
  end(2);
  pass(kSecond);
  EXPECT_EQ(young(4, marks), "shop:b.valk");
}

TEST_F(NameBookTest, APortTellsApartWhoIsAlikeOtherwise) {
  EXPECT_EQ(old(1, marks_of("shop.valk", 8080)), "shop.valk");
  EXPECT_EQ(old(2, marks_of("shop.valk", 8081)), "shop.valk:8081");
  EXPECT_EQ(old(3, marks_of("shop.valk", 8081)), "shop.valk-2") << "they share it";
}

TEST_F(NameBookTest, WithPortsBothRestartTogetherAndAreNotMixedUp) {
  old(1, marks_of("shop.valk", 8080));
  old(2, marks_of("shop.valk", 8081));
  end(1);
  end(2);
  pass(kSecond);
  EXPECT_EQ(young(12, marks_of("shop.valk")), "(later)") << "which of both?";
  EXPECT_EQ(young(12, marks_of("shop.valk", 8081)), "shop.valk:8081");
  EXPECT_EQ(young(11, marks_of("shop.valk", 8080)), "shop.valk");
}

TEST_F(NameBookTest, AThirdPortIsNoneOfTheTwo) {
  old(1, marks_of("shop.valk", 8080));
  old(2, marks_of("shop.valk", 8081));
  end(1);
  pass(kSecond);
  EXPECT_EQ(young(3, marks_of("shop.valk", 8082)), "shop.valk:8082");
  EXPECT_EQ(ask(4, marks_of("shop.valk"), NameBook::kPortTimeNs), "shop.valk")
      << "none in time, and only one is missing";
  end(2);
  end(3);
  EXPECT_EQ(ask(5, marks_of("shop.valk"), NameBook::kPortTimeNs), "shop.valk-2")
      << "which of both it is, nobody knows";
}

TEST_F(NameBookTest, TheOnlyOneMayChangeItsPort) {
  old(1, marks_of("shop.valk", 8080));
  end(1);
  pass(kSecond);
  EXPECT_EQ(young(2, marks_of("shop.valk")), "shop.valk") << "at once";
  book_.learn_port(Owner{2, 1}, 9090);
  EXPECT_EQ(book_.things().at(0).marks.port, 9090);
  EXPECT_EQ(young(3, marks_of("shop.valk")), "(later)");
  EXPECT_EQ(young(3, marks_of("shop.valk", 9091)), "shop.valk:9091");
}

TEST_F(NameBookTest, WhoIsCalledByItsPortIsWaitedFor) {
  target::Marks marks = marks_of("shop.valk");
  marks.is_port_wanted = true;
  EXPECT_EQ(young(1, marks), "(later)");
  EXPECT_EQ(ask(1, marks, NameBook::kPortTimeNs), "shop.valk");
}

TEST_F(NameBookTest, AnotherImageOfOneProcessKeepsItsNameIfItIsCalledTheSame) {
  young(1, marks_of("shop.valk"));
  young(2, marks_of("shop.valk"));
  end(2);
  EXPECT_EQ(young(2, marks_of("shop.valk")), "shop.valk-2");
  end(2);
  EXPECT_EQ(young(2, marks_of("till.valk")), "till.valk");
  EXPECT_EQ(young(3, marks_of("shop.valk")), "shop.valk-2") << "it left that";
}

TEST_F(NameBookTest, LongNamesHaveTheirNumberToo) {
  const std::string base(target::kMaxNameBytes, 'x');
  EXPECT_EQ(young(1, marks_of(base)), base);
  EXPECT_EQ(young(2, marks_of(base)), base.substr(2) + "-2");
}

TEST_F(NameBookTest, NobodyPushesOthersNamesOutByManyOfHisOwn) {
  NameBook book(4);
  int pid = 0;
  const auto come_and_go = [&](const std::string& script, std::uint32_t uid) {
    ++pid;
    const auto name = book.name(Owner{pid, 1}, marks_of(script, 0, uid), now_ns_, now_ns_);
    book.end(Owner{pid, 1}, now_ns_ + static_cast<std::uint64_t>(pid));
    return name.value();
  };
  come_and_go("bank.valk", 0);
  come_and_go("shop.valk", 1001);
  for (int i = 0; i < 9; ++i) come_and_go(std::to_string(i) + ".valk", 1002);
  EXPECT_EQ(come_and_go("bank.valk", 1002), "bank.valk-2") << "root's is not given away";
  EXPECT_EQ(come_and_go("shop.valk", 1002), "shop.valk-2");
}

TEST_F(NameBookTest, PastTheLimitThatWhichEndedFirstIsForgotten) {
  NameBook book(3);
  const auto name = [&](int pid, const std::string& script) {
    return book.name(Owner{pid, 1}, marks_of(script), now_ns_, now_ns_).value();
  };
  name(1, "a.valk");
  name(2, "b.valk");
  name(3, "c.valk");
  book.end(Owner{2, 1}, now_ns_ + 1);
  book.end(Owner{1, 1}, now_ns_ + 2);
  name(4, "d.valk");
  ASSERT_EQ(book.things().size(), 3u);
  EXPECT_EQ(book.things().at(0).name, "a.valk");
  name(5, "e.valk");
  name(6, "f.valk");
  EXPECT_EQ(book.things().size(), 4u) << "all of them run";
}

// Over a restart of ours.
class RememberedNamesTest : public NameBookTest {
 protected:
  NameBook restarted(const std::string& boot = "this boot") const {
    const std::string text = watch::write_names({"this boot", now_ns_, book_.things()});
    auto remembered = watch::parse_names(text);
    EXPECT_TRUE(remembered) << text;
    NameBook book;
    if (remembered) {
      book.restore(watch::names_after_restart(std::move(*remembered), boot, now_ns_ + kSecond));
    }
    return book;
  }
};

TEST_F(RememberedNamesTest, WhoStillRunsHasItsName) {
  for (int pid = 1; pid <= 3; ++pid) young(pid, marks_of("shop.valk"));
  end(1);
  NameBook book = restarted();
  EXPECT_EQ(book.hearsay(), (std::vector<Owner>{{2, 1}, {3, 1}}));
  EXPECT_EQ(book.name(Owner{3, 1}, marks_of("shop.valk"), 0, now_ns_), "shop.valk-3");
  EXPECT_EQ(book.name(Owner{2, 1}, marks_of("shop.valk"), 0, now_ns_), "shop.valk-2");
  EXPECT_TRUE(book.hearsay().empty());
}

TEST_F(RememberedNamesTest, WhoFollowedMeanwhileHasTheNameToo) {
  for (int pid = 1; pid <= 2; ++pid) young(pid, marks_of("shop.valk"));
  pass(kMinute);
  NameBook book = restarted();
  const std::uint64_t now_ns = now_ns_ + kMinute;
  book.end_unseen(Owner{1, 1}, now_ns);
  EXPECT_EQ(book.name(Owner{9, 1}, marks_of("shop.valk"), now_ns_ - 10 * kSecond, now_ns),
            "shop.valk-3")
      << "it ran beside it";
  EXPECT_EQ(book.name(Owner{3, 1}, marks_of("shop.valk"), now_ns_ + kSecond, now_ns), "shop.valk");
}

TEST_F(RememberedNamesTest, AfterAnotherBootAllHaveLeftAndNumbersOfProcessesMeanNothing) {
  for (int pid = 1; pid <= 2; ++pid) young(pid, marks_of("shop.valk", 8080));
  young(3, marks_of("till.valk"));
  NameBook book = restarted("another boot");
  EXPECT_TRUE(book.hearsay().empty());
  EXPECT_EQ(book.name(Owner{1, 1}, marks_of("till.valk"), 1, 10 * kSecond), "till.valk");
  EXPECT_EQ(book.name(Owner{2, 1}, marks_of("till.valk", 0, 1000), 1, 10 * kSecond), "till.valk-2");
}

TEST_F(RememberedNamesTest, TwoWithOneNameAreNotTakenUp) {
  NameBook book;
  NamedThing thing;
  thing.name = thing.marks.base = "shop";
  thing.owner = {1, 1};
  NamedThing other = thing;
  other.owner = {2, 1};
  book.restore({thing, other});
  EXPECT_EQ(book.things().size(), 1u);
}

TEST(ParseNames, ReadsWhatIsWritten) {
  NamedThing thing;
  thing.name = "shop:8080";
  thing.marks = {"shop", "shop", "", 1000, 8080, false};
  thing.owner = {4711, 123'456};
  thing.has_ended = true;
  thing.ended_ns = 5;
  thing.kept_until_ns = 6;
  const watch::RememberedNames names{"boot", 77, {thing, thing}};
  const auto read = watch::parse_names(watch::write_names(names));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->boot_id, "boot");
  EXPECT_EQ(read->written_ns, 77u);
  EXPECT_EQ(read->things, names.things);
}

TEST(ParseNames, RefusesWhatIsNotWhole) {
  NamedThing thing;
  thing.name = thing.marks.base = "shop";
  const std::string whole = watch::write_names({"boot", 77, {thing}});
  ASSERT_TRUE(watch::parse_names(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto cut = watch::parse_names(whole.substr(0, size));
    EXPECT_TRUE(!cut || cut->things.empty()) << size;
  }
  const auto error_of = [](const std::string& text) {
    const auto names = watch::parse_names(text);
    return names ? "" : names.error().message;
  };
  EXPECT_EQ(error_of("valkyria_exporter names 2\n"), "it is of another version, or no such");
  EXPECT_EQ(error_of("valkyria_exporter names 1\nboot\n"), "line 2 says no boot and time");
  EXPECT_EQ(error_of(whole + "a\tb\n"), "line 4 is no name");
  EXPECT_EQ(error_of(whole + "\x1b\tb\t\t\t0\t0\t1\t1\t0\t0\t0\n"), "line 4 is no name");
  EXPECT_EQ(error_of(whole + "a\tb\t\t\t0\t0\t-1\t1\t0\t0\t0\n"), "line 4 is no name");
  EXPECT_EQ(error_of(whole + "a\tb\t\t\t0\t70000\t1\t1\t0\t0\t0\n"), "line 4 is no name");
}

}  // namespace
