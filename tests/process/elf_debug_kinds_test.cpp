// The kinds of debug information that there are: each gives the layout that the plain kind gives,
// or the true reason why not and what to do. The exporter itself is asked, as an operator does it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "elf/build_id.h"
#include "elf/debug_link.h"
#include "elf_support.h"

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// What `resolve` said: the layout, or the reason.
struct Answer {
  std::string layout;
  std::string reason;
};

Answer resolve(const fs::path& executable, const std::vector<fs::path>& debug_directories = {}) {
  std::vector<std::string> arguments{"resolve", "--exe", executable.string()};
  for (const fs::path& directory : debug_directories) {
    arguments.insert(arguments.end(), {"--debug-dir", directory.string()});
  }
  test::ChildProcess exporter(VALKYRIA_BIN_DIR "/valkyria_exporter", arguments,
                              test::Stderr::kCaptured);
  Answer answer;
  while (const auto line = exporter.read_line(test::soon())) answer.layout += *line + "\n";
  const auto status = exporter.wait(test::soon());
  if (!status || status->code != 0) answer.reason = exporter.stderr_text();
  return answer;
}

// Copies of minivalk, and what tools make of them.
class DebugKind : public testing::Test {
 protected:
  DebugKind() {
    fs::create_directories(elsewhere_);
    fs::copy_file(VALKYRIA_BIN_DIR "/minivalk", whole_);
    copy_ = path("copy");
    fs::copy_file(whole_, copy_);
  }

  fs::path path(const std::string& name) const { return temporary_.path() / name; }

  static void run(std::vector<std::string> words) { test::run("/usr/bin/env", std::move(words)); }

  // Moves what `copy_` shares with another copy out of it, into `alternate`.
  void move_with_dwz(const fs::path& alternate) const {
    const std::string other = path("other").string();
    fs::copy_file(whole_, other);
    run({"dwz", "-m", alternate.string(), copy_.string(), other});
    const auto file = test::open_elf(copy_.string());
    if (!file.section(".gnu_debugaltlink")) throw std::runtime_error("dwz moved nothing");
  }

  // Moves all debug information of `copy_` out of it, and leaves a link there.
  void move_with_objcopy(const fs::path& separate) const {
    run({"objcopy", "--only-keep-debug", copy_.string(), separate.string()});
    run({"strip", "-g", copy_.string()});
    run({"objcopy", "--add-gnu-debuglink=" + separate.string(), copy_.string()});
  }

  // Where a debug file of this build id is looked for first.
  fs::path place_of(const std::string& build_id) const {
    const fs::path directory = elsewhere_ / ".build-id" / build_id.substr(0, 2);
    fs::create_directories(directory);
    return directory / (build_id.substr(2) + ".debug");
  }

  std::string alternate_id() const {
    const auto file = test::open_elf(copy_.string());
    return elf::parse_alternate_link(file.section(".gnu_debugaltlink")->bytes)->build_id;
  }

  void expect_whole(const Answer& answer) const {
    EXPECT_EQ(answer.reason, "");
    EXPECT_EQ(answer.layout, resolve(whole_).layout);
  }

  const test::TemporaryDirectory temporary_;
  const fs::path elsewhere_ = temporary_.path() / "elsewhere";
  const fs::path whole_ = temporary_.path() / "whole";
  fs::path copy_;
};

TEST_F(DebugKind, SplitSaysThatItIs) {
  const Answer answer = resolve(test::puppet_path("minivalk_state_split"));
  EXPECT_EQ(answer.layout, "");
  EXPECT_THAT(answer.reason, HasSubstr("is split (-gsplit-dwarf): it stands in .dwo files, which "
                                       "are not read; build it with -g and without"));
}

TEST_F(DebugKind, LinesOnlySaysThatItIs) {
  for (const char* puppet : {"minivalk_state_g1", "minivalk_state_line_tables"}) {
    const Answer answer = resolve(test::puppet_path(puppet));
    EXPECT_EQ(answer.layout, "") << puppet;
    EXPECT_THAT(answer.reason, HasSubstr("has no types (-g1 or -gline-tables-only)")) << puppet;
    EXPECT_THAT(answer.reason, HasSubstr("build it with -g")) << puppet;
  }
}

TEST_F(DebugKind, NoneSaysThatThereIsNone) {
  run({"strip", "-g", copy_.string()});
  EXPECT_THAT(resolve(copy_).reason, HasSubstr(copy_.string() + " has no debug information\n"));
}

TEST_F(DebugKind, CompressedWithZlibIsRead) {
  for (const char* how : {"zlib", "zlib-gnu"}) {
    run({"objcopy", std::string("--compress-debug-sections=") + how, copy_.string()});
    expect_whole(resolve(copy_));
  }
}

// Whether libelf reads it depends on its version.
TEST_F(DebugKind, CompressedWithZstdIsReadOrSaysThatItIs) {
  run({"objcopy", "--compress-debug-sections=zstd", copy_.string()});
  const Answer answer = resolve(copy_);
  if (answer.reason.empty()) return expect_whole(answer);
  EXPECT_THAT(answer.reason, HasSubstr("is compressed with zstd, which this libelf (0."));
  EXPECT_THAT(answer.reason, HasSubstr("resolve --exe COPY -o FILE"));
  // The way out that it shows.
  run({"objcopy", "--decompress-debug-sections", copy_.string()});
  expect_whole(resolve(copy_));
}

TEST_F(DebugKind, DedupedByDwzIsRead) {
  run({"dwz", copy_.string()});
  expect_whole(resolve(copy_));
}

TEST_F(DebugKind, MovedByDwzIsFoundBelowTheDirectories) {
  move_with_dwz(path("moved.dwz"));
  for (const fs::path& place : {elsewhere_ / "moved.dwz", elsewhere_ / ".dwz" / "moved.dwz",
                                elsewhere_ / ".dwz" / temporary_.path().filename() / "moved.dwz",
                                place_of(alternate_id())}) {
    fs::create_directories(place.parent_path());
    fs::copy_file(path("moved.dwz"), place);
    expect_whole(resolve(copy_, {elsewhere_}));
    fs::remove(place);
  }
}

TEST_F(DebugKind, MovedByDwzIsFoundForASeparateFileToo) {
  move_with_dwz(elsewhere_ / "moved.dwz");
  move_with_objcopy(elsewhere_ / "copy.debug");
  expect_whole(resolve(copy_, {elsewhere_}));
}

TEST_F(DebugKind, MovedByDwzIsNotLookedForWhereTheFileSays) {
  move_with_dwz(path("moved.dwz"));
  const Answer answer = resolve(copy_);
  EXPECT_EQ(answer.layout, "");
  EXPECT_THAT(answer.reason, HasSubstr("was moved by dwz to " + path("moved.dwz").string() +
                                       " (build id " + alternate_id() + ")"));
  EXPECT_THAT(answer.reason, HasSubstr("say by --debug-dir in which directory it is"));
}

TEST_F(DebugKind, MovedByDwzIsNotTakenFromAFileOfAnotherBuildId) {
  move_with_dwz(path("moved.dwz"));
  fs::copy_file(whole_, elsewhere_ / "moved.dwz");
  fs::copy_file(whole_, place_of(alternate_id()));
  EXPECT_THAT(resolve(copy_, {elsewhere_}).reason, HasSubstr("was moved by dwz to "));
}

TEST_F(DebugKind, LinkedIsFoundBelowTheDirectories) {
  move_with_objcopy(path("copy.debug"));
  for (const fs::path& place :
       {elsewhere_ / "copy.debug", fs::path(elsewhere_.string() + path("copy.debug").string())}) {
    fs::create_directories(place.parent_path());
    fs::copy_file(path("copy.debug"), place);
    expect_whole(resolve(copy_, {elsewhere_}));
    fs::remove(place);
  }
}

TEST_F(DebugKind, LinkedIsNotLookedForBesideTheFile) {
  move_with_objcopy(path("copy.debug"));
  const Answer answer = resolve(copy_);
  EXPECT_EQ(answer.layout, "");
  EXPECT_THAT(answer.reason, HasSubstr("has no debug information: it was moved to a file "
                                       "copy.debug (build id "));
  EXPECT_THAT(answer.reason, HasSubstr("say by --debug-dir in which directory it is"));
}

TEST_F(DebugKind, LinkedIsNotTakenFromAFileOfAnotherBuildId) {
  move_with_objcopy(path("copy.debug"));
  fs::copy_file(test::puppet_path("minivalk_state"), elsewhere_ / "copy.debug");
  EXPECT_THAT(resolve(copy_, {elsewhere_}).reason, HasSubstr("it was moved to a file copy.debug"));
}

TEST_F(DebugKind, LinkedWithoutBuildIdSaysThatNothingTellsItsFile) {
  run({"objcopy", "--remove-section=.note.gnu.build-id", copy_.string()});
  move_with_objcopy(path("copy.debug"));
  fs::copy_file(path("copy.debug"), elsewhere_ / "copy.debug");
  EXPECT_THAT(resolve(copy_, {elsewhere_}).reason, HasSubstr("link with -Wl,--build-id"));
}

TEST_F(DebugKind, APipeOrADirectoryInItsPlaceHoldsNobodyUp) {
  move_with_objcopy(path("copy.debug"));
  ASSERT_EQ(::mkfifo((elsewhere_ / "copy.debug").c_str(), 0600), 0);
  EXPECT_THAT(resolve(copy_, {elsewhere_}).reason, HasSubstr("it was moved to a file copy.debug"));
  fs::remove(elsewhere_ / "copy.debug");
  fs::create_directories(elsewhere_ / "copy.debug");
  EXPECT_THAT(resolve(copy_, {elsewhere_}).reason, HasSubstr("it was moved to a file copy.debug"));
}

}  // namespace
