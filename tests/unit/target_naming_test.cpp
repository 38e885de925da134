#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "target/naming.h"

namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using Kind = target::NameSource::Kind;

TEST(ParseNameSources, TakesWordsInTheirOrder) {
  const auto sources = target::parse_name_sources("port, env:SHOP_NAME,comm");
  ASSERT_TRUE(sources) << sources.error().message;
  EXPECT_EQ(*sources, (std::vector<target::NameSource>{
                          {Kind::kPort}, {Kind::kEnvironment, "SHOP_NAME"}, {Kind::kComm}}));
  EXPECT_TRUE(target::parse_name_sources(target::kDefaultNameFrom));
}

TEST(ParseNameSources, SaysWhatIsWrong) {
  const auto error_of = [](std::string_view list) {
    const auto sources = target::parse_name_sources(list);
    return sources ? "" : sources.error().message;
  };
  EXPECT_EQ(error_of("unit,pid"),
            "--name-from \"unit,pid\": no source \"pid\"; there are unit, container, port, script, "
            "comm or env:NAME");
  EXPECT_NE(error_of("").find("no source \"\""), std::string::npos);
  EXPECT_NE(error_of("unit,,comm").find("no source \"\""), std::string::npos);
  EXPECT_NE(error_of("unit,").find("nothing after the last comma"), std::string::npos);
  EXPECT_NE(error_of("unit,comm,unit").find("twice"), std::string::npos);
  EXPECT_NE(error_of("env:").find("names no environment variable"), std::string::npos);
  EXPECT_NE(error_of("env:A=B").find("names no environment variable"), std::string::npos);
}

TEST(CleanName, IsShortAndPrintable) {
  EXPECT_EQ(target::clean_name("shop"), "shop");
  EXPECT_EQ(target::clean_name("  a b \n"), "a b \xEF\xBF\xBD");
  EXPECT_EQ(target::clean_name(" \xFF\x1b[2J\xC2\x9b "), "\xEF\xBF\xBD\xEF\xBF\xBD[2J\xEF\xBF\xBD");
  EXPECT_EQ(target::clean_name("   "), "");
  EXPECT_EQ(target::clean_name(std::string(1000, 'x')).size(), target::kMaxNameBytes);
  EXPECT_EQ(target::clean_name("abc\xC3\xA9", 4), "abc") << "no half of a character";
  EXPECT_EQ(target::clean_name(std::string(1000, '\n')).size(), 126u);
  EXPECT_EQ(target::clean_name("   abc\xC3\xA9", 4), "abc") << "nor where blanks stood before";
}

TEST(ParseVariable, IsTheFirstOfItsNameAndNotEmpty) {
  EXPECT_EQ(target::parse_variable("A=1\0B=2=3\0A=4\0"s, "B"), "2=3");
  EXPECT_EQ(target::parse_variable("A=1\0B=2=3\0A=4\0"s, "A"), "1");
  EXPECT_EQ(target::parse_variable("AB=1\0A"s, "A"), std::nullopt);
  EXPECT_EQ(target::parse_variable("A=\0A=5"s, "A"), std::nullopt);
  EXPECT_EQ(target::parse_variable(""s, "A"), std::nullopt);
}

TEST(ParseScript, IsTheFirstArgumentThatIsAScript) {
  EXPECT_EQ(target::parse_script("valk\0a.valk\0b.valk\0"s), "a.valk");
  EXPECT_EQ(target::parse_script("minivalk\0--script\0/x/a.valk"s), "/x/a.valk");
  EXPECT_EQ(target::parse_script("a.valk\0--version\0"s), std::nullopt);
  EXPECT_EQ(target::parse_script(""s), std::nullopt);
  EXPECT_EQ(target::parse_script("valk\0.valk\0\0\0"s), std::nullopt);
}

class ReadMarks : public testing::Test {
 protected:
  ReadMarks() {
    std::string path = (fs::temp_directory_path() / "valkyria-marks-XXXXXX").string();
    root_ = ::mkdtemp(path.data());
    fs::create_directories(root_ / "10");
    process_.id.pid = 10;
    process_.comm = "valk";
    process_.uid = 7;
  }
  ~ReadMarks() override { fs::remove_all(root_); }

  target::Marks marks(std::string_view list = target::kDefaultNameFrom) const {
    return target::read_marks(root_, process_, place_, script_, *target::parse_name_sources(list));
  }
  void set_environment(const std::string& bytes) const {
    std::ofstream(root_ / "10" / "environ", std::ios::binary) << bytes;
  }

  fs::path root_;
  target::Process process_;
  target::Place place_;
  std::string script_;
};

TEST_F(ReadMarks, ABaseIsWhatTheFirstSourceTells) {
  EXPECT_EQ(marks().base, "valk");
  script_ = "/srv/shop.valk";
  EXPECT_EQ(marks().base, "shop.valk");
  place_.container = "3f2a9c0d1e4b";
  EXPECT_EQ(marks().base, "3f2a9c0d1e4b");
  place_.unit = "shop";
  EXPECT_EQ(marks().base, "shop");
  set_environment("PATH=/bin\0VALKYRIA_PROCESS= till 1\n\0"s);
  EXPECT_EQ(marks().base, "till 1\xEF\xBF\xBD");
  EXPECT_EQ(marks("script,unit").base, "shop.valk");
  EXPECT_EQ(marks("env:HOME,comm").base, "valk");
  const target::Marks all = marks();
  EXPECT_EQ(all.unit, "shop");
  EXPECT_EQ(all.script, "shop.valk");
  EXPECT_EQ(all.uid, 7u);
  EXPECT_EQ(all.port, 0);
  EXPECT_FALSE(all.is_port_wanted);
}

TEST_F(ReadMarks, ABaseIsNeverEmpty) {
  EXPECT_EQ(marks("unit").base, "valk");
  process_.comm = " \n ";
  EXPECT_EQ(marks("unit").base, "\xEF\xBF\xBD");
  process_.comm = "";
  EXPECT_EQ(marks("unit").base, "unnamed");
}

TEST_F(ReadMarks, APortThatIsWantedAndNotThereIsSaid) {
  EXPECT_TRUE(marks("port,comm").is_port_wanted);
  EXPECT_FALSE(marks("comm,port").is_port_wanted);
}

}  // namespace
