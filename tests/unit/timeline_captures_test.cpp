// What is kept of captures, in memory and on disk.
#include "timeline/captures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "timeline/capture.h"
#include "timeline/capture_directory.h"

namespace {

namespace fs = std::filesystem;
using model::Capture;
using model::CaptureFacts;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using timeline::CaptureDirectory;
using timeline::Captures;

std::string id_of(int number) {
  return timeline::make_capture_id(1'795'684'800'000 + 1'000ULL * number, "01abcdef", number);
}

Capture capture(int number, std::size_t bytes = 100) {
  Capture one;
  one.facts = {id_of(number), "gc_pause > 50ms", "web\n\xff", 1'000ULL + number, 7, 19, 12};
  one.attachments = {{"trace.json.gz", std::string(bytes, 'x')}};
  return one;
}

Captures::Kept kept(int number, std::size_t bytes = 100) {
  return std::make_shared<const Capture>(capture(number, bytes));
}

std::vector<std::string> ids(const Captures& captures) {
  std::vector<std::string> ids;
  for (const auto& one : captures.list().captures) ids.push_back(one->facts.id);
  return ids;
}

TEST(CaptureId, IsMadeOfTimeEpochAndNumber) {
  EXPECT_EQ(id_of(0), "20261126T092000Z-01abcdef-0");
  EXPECT_TRUE(timeline::is_capture_id(id_of(12)));
  for (const char* other : {"", "1", "2026.txt", "20261126T092000Z", "20261126T092000Z-01abcdef-",
                            "20261126T092000Z-01abcdef-1/", "20261126T092000Z-01ABCDEF-1",
                            "20261126T092000Z-01abcdef-../x"}) {
    EXPECT_FALSE(timeline::is_capture_id(other)) << other;
  }
}

TEST(CaptureFacts, AreReadAsTheyWereWritten) {
  const CaptureFacts facts = capture(3).facts;
  const auto read = timeline::parse_capture_facts(timeline::write_capture_facts(facts));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->id, facts.id);
  EXPECT_EQ(read->rule, facts.rule);
  EXPECT_EQ(read->process, facts.process);
  EXPECT_EQ(read->unix_ms, facts.unix_ms);
  EXPECT_EQ(read->first_sequence, 7u);
  EXPECT_EQ(read->last_sequence, 19u);
  EXPECT_EQ(read->events, 12u);
}

TEST(CaptureFacts, ThatAreCutAreNone) {
  const std::string text = timeline::write_capture_facts(capture(3).facts);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(timeline::parse_capture_facts(text.substr(0, size))) << size;
  }
  for (const char* word : {"id ", "rule ", "process ", "events "}) {
    std::string other = text;
    other.replace(other.find(word), 2, "xx");
    EXPECT_FALSE(timeline::parse_capture_facts(other)) << word;
  }
}

TEST(Captures, OneIsReplacedWhereItIs) {
  Captures captures(1'000);
  captures.add(kept(1, 300));
  captures.add(kept(2, 300));
  EXPECT_EQ(captures.replace(kept(1, 400)), std::vector<std::string>());
  EXPECT_EQ(captures.list().captures.back()->bytes(), 400u);
  EXPECT_EQ(captures.replace(kept(3)), std::nullopt) << "it was not kept";
  EXPECT_THAT(captures.replace(kept(2, 700)), testing::Optional(ElementsAre(id_of(1))));
  EXPECT_EQ(captures.list().captures.size(), 1u);
}

TEST(Captures, KeepTheNewest) {
  Captures captures;
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(captures.add(kept(i)).empty());
  EXPECT_THAT(captures.add(kept(20)), ElementsAre(id_of(0)));
  EXPECT_THAT(captures.add(kept(-1)), ElementsAre(id_of(-1)));
  EXPECT_EQ(captures.list().captures.size(), 16u);
  EXPECT_EQ(ids(captures).front(), id_of(20));
  EXPECT_EQ(captures.list().dropped, 2u);
}

TEST(Captures, KeepWithinTheirSize) {
  Captures captures(1'000);
  captures.add(kept(1, 400));
  captures.add(kept(2, 400));
  EXPECT_THAT(captures.add(kept(3, 900)), ElementsAre(id_of(1), id_of(2)));
  EXPECT_THAT(captures.add(kept(4, 1'001)), ElementsAre(id_of(4)));
  EXPECT_THAT(ids(captures), ElementsAre(id_of(3)));
  EXPECT_EQ(captures.list().dropped, 3u);
}

class InADirectory : public testing::Test {
 protected:
  InADirectory() {
    std::string name = (fs::temp_directory_path() / "captures_XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    path_ = name + "/kept";
  }
  ~InADirectory() override { fs::remove_all(root_); }

  CaptureDirectory open() {
    auto opened = CaptureDirectory::open(path_);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path_))
      names.push_back(entry.path().filename());
    return names;
  }
  void put(const std::string& name, const std::string& content) const {
    std::ofstream(path_ + "/" + name) << content;
  }

  std::string root_;
  std::string path_;
};

TEST_F(InADirectory, CapturesAreFilesForUsAlone) {
  const auto directory = open();
  ASSERT_TRUE(directory.write(capture(1, 5)));
  EXPECT_THAT(files(), UnorderedElementsAre(id_of(1) + ".capture", id_of(1) + ".trace.json.gz"));
  struct stat status {};
  ASSERT_EQ(::stat((path_ + "/" + id_of(1) + ".trace.json.gz").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(status.st_size, 5);
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST_F(InADirectory, CapturesAreReadAgain) {
  auto one = capture(1);
  one.attachments.push_back({"profile.pb.gz", "abc"});
  ASSERT_TRUE(open().write(one));
  ASSERT_TRUE(open().write(capture(2)));
  const auto read = open().read_all();
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].facts.id, id_of(2));
  EXPECT_EQ(read[1].facts.process, "web\n\xff");
  EXPECT_EQ(read[1].find("trace.json.gz")->content, std::string(100, 'x'));
  EXPECT_EQ(read[1].find("profile.pb.gz")->content, "abc");
  EXPECT_EQ(read[1].find("other"), nullptr);
  open().remove(id_of(1));
  EXPECT_EQ(open().read_all().size(), 1u);
  EXPECT_EQ(files().size(), 2u);
}

TEST_F(InADirectory, WhatIsNotWholeGoesAndWhatIsNotOursStays) {
  ASSERT_TRUE(open().write(capture(1)));
  put(id_of(2) + ".trace.json.gz", "of one that was never finished");
  put(id_of(3) + ".capture.part", "so is this");
  put(id_of(4) + ".capture", "cut");
  put(id_of(5) + ".capture", timeline::write_capture_facts(capture(6).facts));
  put("notes.txt", "");
  put("2026.capture", "");
  fs::create_symlink("/etc/passwd", path_ + "/" + id_of(7) + ".capture");
  fs::create_directory(path_ + "/" + id_of(8) + ".capture");
  EXPECT_EQ(::mkfifo((path_ + "/" + id_of(9) + ".capture").c_str(), 0600), 0);
  const auto read = open().read_all();
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].facts.id, id_of(1));
  EXPECT_THAT(files(), UnorderedElementsAre(id_of(1) + ".capture", id_of(1) + ".trace.json.gz",
                                            "notes.txt", "2026.capture", id_of(8) + ".capture"));
}

TEST_F(InADirectory, PastTheirNumberTheOldestGo) {
  const auto directory = open();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(directory.write(capture(i)));
  const auto read = directory.read_all();
  ASSERT_EQ(read.size(), 16u);
  EXPECT_EQ(read.back().facts.id, id_of(4));
  EXPECT_EQ(files().size(), 32u);
}

// No file may be larger than that: to a writer, a disk that gets full.
TEST_F(InADirectory, AFullDiskLeavesNothingBehind) {
  const auto directory = open();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{10, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto written = directory.write(capture(1));
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr(path_ + "/" + id_of(1)));
  EXPECT_THAT(written.error().message, HasSubstr("File too large"));
  EXPECT_TRUE(files().empty());
}

TEST_F(InADirectory, OnlyASafeOneIsTaken) {
  const auto problem = [](const std::string& path) {
    const auto opened = CaptureDirectory::open(path);
    return opened ? "" : opened.error().message;
  };
  fs::create_directory(path_);
  EXPECT_EQ(problem(path_ + "/"), "");
  fs::permissions(path_, fs::perms(0777));
  EXPECT_THAT(problem(path_), HasSubstr("others may write to it"));
  fs::permissions(path_, fs::perms(0700));
  fs::create_directory_symlink(path_, root_ + "/link");
  EXPECT_THAT(problem(root_ + "/link/"), HasSubstr("no link to one"));
  std::ofstream(root_ + "/file") << "";
  EXPECT_THAT(problem(root_ + "/file"), HasSubstr("it must be a directory"));
  EXPECT_THAT(problem(root_ + "/none/deep"), HasSubstr("make " + root_ + "/none/deep"));
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(path_.c_str(), 65'534, 65'534), 0);
    EXPECT_THAT(problem(path_), HasSubstr("it is of user 65534, and we are 0"));
  }
}

}  // namespace
