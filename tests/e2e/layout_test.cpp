// Where the layout of a build comes from: debug information, a separate file of it, the cache, or a
// file that the operator made.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "exporter.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;
using test::Samples;

// Builds of minivalk in a directory of the test's own, which goes with it.
class LayoutTest : public EndToEnd {
 protected:
  void SetUp() override {
    EndToEnd::SetUp();
    std::string name = (fs::temp_directory_path() / "layouts-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  void TearDown() override {
    if (!directory_.empty()) fs::remove_all(directory_);
  }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  fs::path directory_;
};

const std::string kDebugBuild = std::string(VALKYRIA_BIN_DIR) + "/minivalk";

std::string pid_text(const test::Minivalk& minivalk) {
  return std::to_string(minivalk.pid());
}

Answer run(const std::string& program, const std::vector<std::string>& arguments) {
  Answer answer = run_to_end(arguments, program);
  EXPECT_EQ(answer.code, 0) << program << ": " << answer.err;
  return answer;
}

bool has_state(const Exporter& exporter) {
  return !exporter.metrics().series("valk_eval_total").empty();
}

std::string build_id_of(const Exporter& exporter) {
  return exporter.metrics().series("valkyria_process_info").at(0).labels.at("build_id");
}

std::string layout_of(const Exporter& exporter) {
  return exporter.metrics().series("valkyria_process_info").at(0).labels.at("layout");
}

TEST_F(LayoutTest, OfAStrippedBinaryIsUnknownAndDoctorSaysWhatToDo) {
  test::Minivalk minivalk({}, stripped_programs_dir());
  const Exporter exporter = Exporter::of_pid(minivalk.pid());
  test::get(minivalk.port(), "/");
  minivalk.truth();
  EXPECT_FALSE(has_state(exporter));
  EXPECT_EQ(layout_of(exporter), "");
  EXPECT_EQ(exporter.metrics().sum("http_requests_total"), 1);  // the probes tell
  EXPECT_TRUE(exporter.metrics().series("valkyria_exporter_missed_events_total").empty());
  const Answer doctor = run_to_end({"doctor", "--pid", pid_text(minivalk), "--cache-dir", ""});
  EXPECT_EQ(doctor.code, 1);
  EXPECT_NE(doctor.out.find("FAIL  state"), std::string::npos) << doctor.out;
  EXPECT_NE(doctor.out.find("no debug information"), std::string::npos) << doctor.out;
  EXPECT_NE(doctor.out.find("resolve --exe DEBUGBUILD -o FILE"), std::string::npos) << doctor.out;
}

TEST_F(LayoutTest, FromAFileMakesAllOfAStrippedBinarysStateKnown) {
  const Answer resolve =
      run(exporter_path(), {"resolve", "--exe", kDebugBuild, "-o", path("minivalk.layout")});
  EXPECT_NE(resolve.err.find("layout minivalk of build"), std::string::npos) << resolve.err;
  test::Minivalk minivalk({}, stripped_programs_dir());
  minivalk.command("gc");
  const Exporter exporter({"--pid", pid_text(minivalk), "--layout", path("minivalk.layout")});
  EXPECT_TRUE(has_state(exporter));
  EXPECT_EQ(layout_of(exporter), "minivalk");
  EXPECT_EQ(exporter.metrics().integer("valk_gc_cycles_total"), 1u);
  const Answer doctor = run_to_end({"doctor", "--pid", pid_text(minivalk), "--cache-dir", "",
                                    "--layout", path("minivalk.layout")});
  EXPECT_NE(doctor.out.find("layout minivalk from the file"), std::string::npos) << doctor.out;
}

TEST_F(LayoutTest, OfAnotherBuildIsRefusedWithBothBuildIds) {
  run(exporter_path(), {"resolve", "--exe", kDebugBuild, "-o", path("minivalk.layout")});
  std::ifstream file(path("minivalk.layout"));
  std::string text((std::istreambuf_iterator<char>(file)), {});
  test::Minivalk minivalk({}, stripped_programs_dir());
  const std::string build_id = build_id_of(Exporter::of_pid(minivalk.pid()));
  const std::string other_id(build_id.rbegin(), build_id.rend());
  const std::size_t place = text.find(build_id);
  ASSERT_NE(place, std::string::npos);
  std::ofstream(path("other.layout")) << text.replace(place, build_id.size(), other_id);
  for (const std::string command : {"serve", "dump"}) {
    const FailedStart failed =
        run_to_failure({command, "--pid", pid_text(minivalk), "--layout", path("other.layout")});
    EXPECT_NE(failed.status.code, 0);
    EXPECT_NE(failed.message.find(build_id), std::string::npos) << failed.message;
    EXPECT_NE(failed.message.find(other_id), std::string::npos) << failed.message;
  }
}

TEST_F(LayoutTest, FromAFileThatIsNoneIsRefusedWithTheWayToMakeOne) {
  std::ofstream(path("broken.layout")) << "{\"format\": 1}";
  test::Minivalk minivalk({}, stripped_programs_dir());
  for (const std::string& name : {path("broken.layout"), path("missing.layout")}) {
    const FailedStart failed = run_to_failure({"--pid", pid_text(minivalk), "--layout", name});
    EXPECT_NE(failed.message.find(name), std::string::npos) << failed.message;
  }
}

TEST_F(LayoutTest, IsFoundInASeparateFileByBuildId) {
  test::Minivalk minivalk({}, stripped_programs_dir());
  const std::string build_id = build_id_of(Exporter::of_pid(minivalk.pid()));
  const fs::path debug = directory_ / ".build-id" / build_id.substr(0, 2);
  fs::create_directories(debug);
  const std::string debug_file = (debug / (build_id.substr(2) + ".debug")).string();
  run("/usr/bin/objcopy", {"--only-keep-debug", kDebugBuild, debug_file});
  const Exporter exporter({"--pid", pid_text(minivalk), "--debug-dir", directory_.string()});
  EXPECT_TRUE(has_state(exporter));

  // Under that name, but of another build.
  run("/usr/bin/objcopy", {"--only-keep-debug", exporter_path(), debug_file});
  const Exporter without({"--pid", pid_text(minivalk), "--debug-dir", directory_.string()});
  EXPECT_FALSE(has_state(without));
}

// Anybody can copy a binary, and put a debug file of his own with the right build id beside it.
TEST_F(LayoutTest, IsNotTakenFromWhatLiesBesideABinary) {
  const std::string copy = path("minivalk");
  fs::copy_file(stripped_programs_dir() + "/minivalk", copy);
  run("/usr/bin/objcopy", {"--only-keep-debug", kDebugBuild, path("minivalk.debug")});
  fs::create_directories(path(".debug"));
  fs::copy_file(path("minivalk.debug"), path(".debug/minivalk.debug"));
  run("/usr/bin/objcopy", {"--add-gnu-debuglink=" + path("minivalk.debug"), copy});
  test::Minivalk minivalk({}, directory_.string());
  EXPECT_FALSE(has_state(Exporter::of_pid(minivalk.pid())));
  const Answer doctor = run_to_end({"doctor", "--pid", pid_text(minivalk), "--cache-dir", ""});
  EXPECT_NE(doctor.out.find("it was moved to a file minivalk.debug"), std::string::npos)
      << doctor.out;
  // As doctor says: the operator trusts the directory.
  EXPECT_TRUE(
      has_state(Exporter({"--pid", pid_text(minivalk), "--debug-dir", directory_.string()})));
}

TEST_F(LayoutTest, IsWrittenIntoADeviceAndNotInItsPlace) {
  const std::string link = path("stdout");
  fs::create_symlink("/dev/stdout", link);
  const Answer answer = run(exporter_path(), {"resolve", "--exe", kDebugBuild, "-o", link});
  EXPECT_NE(answer.out.find("\"layout\": \"minivalk\""), std::string::npos);
  EXPECT_TRUE(fs::is_symlink(link));
}

TEST_F(LayoutTest, IsResolvedUnderALowerLimitToo) {
  const Answer answer = run("/bin/sh", {"-c", "ulimit -v 900000; exec " + exporter_path() +
                                                  " resolve --exe " + kDebugBuild});
  EXPECT_NE(answer.out.find("\"layout\": \"minivalk\""), std::string::npos);
}

TEST_F(LayoutTest, IsKeptInTheCacheForRootAlone) {
  test::Minivalk minivalk;
  const std::string cache = path("cache");
  const std::vector<std::string> arguments{"--pid", pid_text(minivalk), "--cache-dir", cache};
  {
    const Exporter first(arguments);
    EXPECT_TRUE(has_state(first));
    EXPECT_NE(first.log().find("from debug information"), std::string::npos) << first.log();
  }
  struct stat status {};
  ASSERT_EQ(::stat(cache.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(cache)) {
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    ++files;
  }
  EXPECT_EQ(files, 1);
  {
    const Exporter second(arguments);
    EXPECT_TRUE(has_state(second));
    EXPECT_NE(second.log().find("from the cache"), std::string::npos) << second.log();
  }
  // Others could have written to it.
  ASSERT_EQ(::chmod(cache.c_str(), 0777), 0);
  const Exporter third(arguments);
  EXPECT_TRUE(has_state(third));
  EXPECT_NE(third.log().find("from debug information"), std::string::npos) << third.log();
}

TEST_F(LayoutTest, IsNotMadeFromWhatIsNoRuntime) {
  for (const std::string& program : {puppet_path("bad_probes"), std::string("/bin/sh")}) {
    const FailedStart failed =
        run_to_failure({"resolve", "--exe", program, "-o", path("none.layout")});
    EXPECT_EQ(failed.status.code, 1);
    EXPECT_NE(failed.message.find(program), std::string::npos) << failed.message;
    EXPECT_FALSE(fs::exists(path("none.layout")));
  }
  EXPECT_NE(run_to_failure({"resolve"}).status.code, 0);
  EXPECT_NE(run_to_failure({"resolve", "--exe", "/nowhere"}).message.find("/nowhere"),
            std::string::npos);
}

}  // namespace
}  // namespace e2e
