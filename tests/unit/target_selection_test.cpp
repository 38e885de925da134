#include <gtest/gtest.h>

#include <unistd.h>

#include <string>
#include <vector>

#include "target/process_status.h"
#include "target/selection.h"

namespace {

using target::Place;
using target::Selection;

Place place_in(const std::string& unit, const std::string& cgroup) {
  Place place;
  place.unit = unit;
  place.cgroup = cgroup;
  return place;
}

bool fits(const Selection& selection, const std::string& comm, const std::string& cmdline) {
  const target::NameFit fit = target::fit_comm(selection, comm);
  return fit.fits || (fit.is_cut && target::fits_cmdline(selection, cmdline));
}

TEST(Selection, OfNothingIsEverybody) {
  EXPECT_TRUE(Selection{}.is_everybody());
  EXPECT_FALSE((Selection{.one = target::OneProcess{7}}).is_everybody());
  EXPECT_FALSE((Selection{.units = {"shop"}}).is_everybody());
  EXPECT_TRUE(fits({}, "anything", ""));
  EXPECT_FALSE(target::asks_for_place({}));
}

TEST(Selection, RefusesWhatIsEmptyAndNamesTheOption) {
  const std::vector<std::pair<Selection, std::string>> empty{
      {{.executables = {""}}, "--exe"},
      {{.names = {"valk", ""}}, "--name"},
      {{.cgroups = {""}}, "--cgroup"},
      {{.units = {""}}, "--unit"},
  };
  for (const auto& [selection, option] : empty) {
    const auto checked = target::check(selection);
    ASSERT_FALSE(checked) << option;
    EXPECT_TRUE(checked.error().message.starts_with(option + " \"\"")) << checked.error().message;
  }
  EXPECT_TRUE(target::check({}));
  EXPECT_TRUE(target::check({.executables = {"/bin/a", "/bin/b"}, .names = {"a"}}));
}

TEST(Selection, RefusesOneProcessAndMore) {
  EXPECT_TRUE(target::check({.one = target::OneProcess{7}}));
  const auto checked = target::check({.one = target::OneProcess{7}, .units = {"shop"}});
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().message.find("--unit"), std::string::npos);
}

TEST(Selection, FitsAnyOfItsNames) {
  const Selection selection{.names = {"valk", "minivalk"}};
  EXPECT_TRUE(fits(selection, "valk", ""));
  EXPECT_TRUE(fits(selection, "minivalk", ""));
  EXPECT_FALSE(fits(selection, "valk2", ""));
  EXPECT_FALSE(target::fit_comm(selection, "valk2").is_cut);
}

TEST(Selection, FitsALongNameByTheProgramsOwn) {
  const Selection selection{.names = {"valkyria-order-server"}};
  const std::string cmdline("/opt/bin/valkyria-order-server\0--port\0002\0", 40);
  EXPECT_TRUE(fits(selection, "valkyria-order-", cmdline));
  EXPECT_TRUE(fits(selection, "renamed", "valkyria-order-server"));
  // Cut alike, and another.
  EXPECT_FALSE(fits(selection, "valkyria-order-", "/opt/bin/valkyria-order-client"));
  // A short name is a comm's alone.
  EXPECT_FALSE(fits({.names = {"valk"}}, "other", "/opt/bin/valk"));
  EXPECT_FALSE(fits(selection, "valkyria-order-", ""));
}

TEST(Selection, ReadsTheProgramsOwnNameOfAProcess) {
  EXPECT_FALSE(
      target::fits_program_name({.names = {"no-program-has-such-a-name"}}, "/proc", ::getpid()));
  EXPECT_FALSE(target::fits_program_name({.names = {"no-program-has-such-a-name"}}, "/nowhere", 1));
}

TEST(Selection, FitsUnitsWithAndWithoutTheSuffix) {
  const Place shop = place_in("shop@eu", "");
  EXPECT_TRUE(target::fits_place({.units = {"shop@*"}}, shop));
  EXPECT_TRUE(target::fits_place({.units = {"shop@eu.service"}}, shop));
  EXPECT_TRUE(target::fits_place({.units = {"bank", "shop@e?"}}, shop));
  EXPECT_FALSE(target::fits_place({.units = {"shop"}}, shop));
  EXPECT_FALSE(target::fits_place({.units = {"*"}}, Place{}));
}

TEST(Selection, FitsControlGroupsAcrossSlashes) {
  const Place pod = place_in("", "/kubepods.slice/kubepods-burstable.slice/pod1/abc");
  EXPECT_TRUE(target::fits_place({.cgroups = {"/kubepods*"}}, pod));
  EXPECT_TRUE(target::fits_place({.cgroups = {"*/pod1/*"}}, pod));
  EXPECT_FALSE(target::fits_place({.cgroups = {"/system.slice/*"}}, pod));
  EXPECT_FALSE(target::fits_place({.cgroups = {"/kubepods*"}}, Place{}));
}

TEST(Selection, WantsOneOfEachKind) {
  const Selection both{.cgroups = {"/system.slice/*"}, .units = {"shop"}};
  EXPECT_TRUE(target::fits_place(both, place_in("shop", "/system.slice/shop.service")));
  EXPECT_FALSE(target::fits_place(both, place_in("bank", "/system.slice/bank.service")));
  EXPECT_FALSE(target::fits_place(both, place_in("shop", "/other/shop.service")));
}

TEST(Selection, SaysItselfInTheWordsOfTheCommandLine) {
  EXPECT_EQ(target::words_of({}), "every process");
  EXPECT_EQ(target::words_of({.one = target::OneProcess{7}}), "--pid 7");
  EXPECT_EQ(
      target::words_of({.executables = {"/usr/bin/valk"}, .names = {"a", "b"}, .units = {"shop*"}}),
      "--exe /usr/bin/valk --name a --name b --unit 'shop*'");
}

TEST(ParseStatus, TellsWhoStartedAProcessAndWhoItIsNow) {
  const auto status = target::parse_status("Name:\tsu\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->real_uid, 1000u);
  EXPECT_EQ(status->effective_uid, 0u);
  EXPECT_FALSE(target::parse_status("Name:\tsu\nUid:\t1000\n"));
  EXPECT_FALSE(target::parse_status("Name:\tsu\n"));
}

}  // namespace
