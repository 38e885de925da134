// Names that stay: over restarts of what is watched, and of the exporter.
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "exporter.h"
#include "places.h"
#include "support/minivalk.h"

namespace e2e {
namespace {

namespace fs = std::filesystem;

// A minivalk of a name of its own, so that others on this machine don't count.
class Names : public EndToEnd {
 protected:
  void SetUp() override {
    EndToEnd::SetUp();
    comm_ = "valk" + std::to_string(::getpid());
    program_ = directory_.path() / comm_;
    fs::copy_file(fs::path(VALKYRIA_BIN_DIR) / "minivalk", program_);
    fs::permissions(directory_.path(), fs::perms(0755));
  }

  std::unique_ptr<test::Minivalk> start() const {
    return std::make_unique<test::Minivalk>(program_.string(), std::vector<std::string>{});
  }
  // By a program that becomes it; `before` are that program's arguments.
  std::unique_ptr<test::Minivalk> start_by(const std::string& program,
                                           std::vector<std::string> before) const {
    before.push_back(program_.string());
    return std::make_unique<test::Minivalk>(program, before);
  }
  std::unique_ptr<Exporter> watch(std::vector<std::string> further = {}) const {
    std::vector<std::string> arguments{"--name", comm_, "--cache-dir",
                                       (directory_.path() / "cache").string()};
    arguments.insert(arguments.end(), further.begin(), further.end());
    return std::make_unique<Exporter>(arguments);
  }
  static void kill(test::Minivalk& minivalk) {
    minivalk.process().signal(SIGKILL);
    ASSERT_TRUE(minivalk.process().wait(test::soon()));
  }
  // Whether the file of names tells of it: it is written a moment after the name is given.
  bool is_remembered(pid_t pid) const {
    const std::string word = "\t" + std::to_string(pid) + "\t";
    return test::wait_until(test::soon(), [&] {
      std::error_code error;
      for (const auto& entry : fs::directory_iterator(directory_.path() / "cache", error)) {
        std::stringstream text;
        text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
        if (text.str().find(word) != std::string::npos) return true;
      }
      return false;
    });
  }
  static bool is_down(const Exporter& exporter, const std::string& name) {
    return test::wait_until(test::soon(), [&] {
      const test::Samples exported = exporter.metrics();
      const test::Value* const up = exported.find("valkyria_up", {{"process", name}});
      return up != nullptr && up->number == 0;
    });
  }

  TemporaryDirectory directory_;
  std::string comm_;
  fs::path program_;
};

TEST_F(Names, StayInARollingRestartAndWhenTheExporterIsRestarted) {
  std::vector<std::unique_ptr<test::Minivalk>> instances;
  std::vector<std::string> names;
  auto exporter = watch();
  for (int i = 0; i < 3; ++i) {
    instances.push_back(start());
    names.push_back(name_of(*exporter, instances.back()->pid()));
  }
  EXPECT_EQ(names, (std::vector<std::string>{comm_, comm_ + "-2", comm_ + "-3"}));
  const auto expect_all = [&](const char* when) {
    for (std::size_t i = 0; i < instances.size(); ++i) {
      EXPECT_EQ(name_of(*exporter, instances[i]->pid()), names[i]) << when;
    }
  };
  for (std::size_t i = 0; i < instances.size(); ++i) {
    kill(*instances[i]);
    ASSERT_TRUE(is_down(*exporter, names[i]));
    instances[i] = start();
    EXPECT_EQ(name_of(*exporter, instances[i]->pid()), names[i]);
  }
  expect_all("after a rolling restart");
  ASSERT_TRUE(is_remembered(instances.back()->pid()));
  exporter = nullptr;  // killed
  exporter = watch();
  expect_all("after the exporter was killed");
  exporter->process().signal(SIGTERM);
  ASSERT_TRUE(exporter->process().wait(test::soon()));
  kill(*instances[1]);
  instances[1] = start();
  exporter = nullptr;
  exporter = watch();
  expect_all("after both were restarted");
}

TEST_F(Names, OneThatStartsBeforeTheOldOneEndsHasANameOfItsOwn) {
  const auto first = start();
  const auto second = start();
  auto exporter = watch();
  const std::string name = name_of(*exporter, second->pid());
  ASSERT_NE(name, "");
  auto third = start();
  const std::string third_name = name_of(*exporter, third->pid());
  EXPECT_EQ(third_name, comm_ + "-3");
  ASSERT_TRUE(is_remembered(third->pid()));
  kill(*first);
  exporter = nullptr;
  exporter = watch();
  EXPECT_EQ(name_of(*exporter, second->pid()), name);
  EXPECT_EQ(name_of(*exporter, third->pid()), third_name);
}

TEST_F(Names, AMarkOfTheOperatorsIsTheName) {
  const auto marked = start_by("/usr/bin/env", {"VALKYRIA_PROCESS=till one"});
  const auto other = start_by("/usr/bin/env", {"SHOP=north", "VALKYRIA_PROCESS="});
  {
    const auto exporter = watch();
    EXPECT_EQ(name_of(*exporter, marked->pid()), "till one");
    EXPECT_EQ(name_of(*exporter, other->pid()), comm_);
  }
  const auto exporter = watch({"--name-from", "env:SHOP,comm"});
  EXPECT_EQ(name_of(*exporter, other->pid()), "north");
  EXPECT_TRUE(name_of(*exporter, marked->pid()).starts_with(comm_));
}

TEST_F(Names, AStrangerDoesNotInheritOne) {
  const auto exporter = watch();
  auto own = start();
  EXPECT_EQ(name_of(*exporter, own->pid()), comm_);
  kill(*own);
  ASSERT_TRUE(is_down(*exporter, comm_));
  const auto stranger =
      start_by("/usr/bin/setpriv", {"--reuid=65534", "--regid=65534", "--clear-groups"});
  EXPECT_EQ(name_of(*exporter, stranger->pid()), comm_ + "-2");
  own = start();
  EXPECT_EQ(name_of(*exporter, own->pid()), comm_);
}

TEST_F(Names, AFileOfNamesThatIsRubbishIsIgnoredWithAWord) {
  const auto minivalk = start();
  const fs::path cache = directory_.path() / "cache";
  {
    const auto exporter = watch();
    EXPECT_EQ(name_of(*exporter, minivalk->pid()), comm_);
    exporter->process().signal(SIGTERM);
    ASSERT_TRUE(exporter->process().wait(test::soon()));
  }
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(cache)) {
    if (!entry.path().filename().string().starts_with("names-")) continue;
    overwrite_in_place("/bin/true", entry.path());
    ++files;
  }
  EXPECT_EQ(files, 1u);
  const auto exporter = watch();
  EXPECT_EQ(name_of(*exporter, minivalk->pid()), comm_);
  EXPECT_NE(exporter->log().find("is ignored: it is"), std::string::npos) << exporter->log();
}

TEST_F(Names, AListThatNamesNothingIsRefused) {
  const FailedStart failed = run_to_failure({"--name-from", "unit,pid"});
  EXPECT_NE(failed.message.find("--name-from \"unit,pid\": no source \"pid\""), std::string::npos)
      << failed.message;
}

}  // namespace
}  // namespace e2e
