#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "target/listening_port.h"

namespace {

namespace fs = std::filesystem;

constexpr const char* kHead =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n";

std::string line(const std::string& local, const std::string& state, const std::string& inode) {
  return "   0: " + local + " 00000000:0000 " + state +
         " 00000000:00000000 00:00000000 00000000     0        0 " + inode +
         " 1 0000000000000000 100 0 0 10 0\n";
}

TEST(ParseListeningSockets, TakesThoseThatListen) {
  const auto sockets = target::parse_listening_sockets(
      kHead + line("0100007F:1F90", "0A", "4711") + line("0100007F:1F91", "01", "4712") +
      line("00000000000000000000000000000000:0050", "0A", "4713"));
  EXPECT_EQ(sockets.size(), 2u);
  EXPECT_EQ(sockets.at(4711), 8080);
  EXPECT_EQ(sockets.at(4713), 80);
}

TEST(ParseListeningSockets, LeavesOutWhatIsNotWhole) {
  const std::string whole = line("0100007F:1F90", "0A", "4711");
  EXPECT_EQ(target::parse_listening_sockets(whole).size(), 1u);
  EXPECT_TRUE(target::parse_listening_sockets(whole.substr(0, whole.size() - 1)).empty());
  for (const std::string& text :
       {std::string(), std::string("\n\n"), std::string("a b c 0A\n"),
        line("0100007F", "0A", "4711"), line("0100007F:11F90", "0A", "4711"),
        line("0100007F:1F9x", "0A", "4711"), line("0100007F:0000", "0A", "4711"),
        line("0100007F:1F90", "0A", "0"), line("0100007F:1F90", "0A", "-1"),
        line("0100007F:1F90", "0A", "99999999999999999999999")}) {
    EXPECT_TRUE(target::parse_listening_sockets(text).empty()) << text;
  }
}

class ListeningPort : public testing::Test {
 protected:
  ListeningPort() {
    std::string path = (fs::temp_directory_path() / "valkyria-ports-XXXXXX").string();
    root_ = ::mkdtemp(path.data());
    fs::create_directories(root_ / "10" / "net");
    fs::create_directories(root_ / "10" / "fd");
  }
  ~ListeningPort() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << text;
  }
  void open_descriptor(int number, const std::string& what) const {
    fs::create_symlink(what, root_ / "10" / "fd" / std::to_string(number));
  }

  fs::path root_;
};

TEST_F(ListeningPort, IsTheLowestOfItsOwn) {
  write("10/net/tcp", kHead + line("00000000:0016", "0A", "1") + line("00000000:2328", "0A", "2"));
  write("10/net/tcp6", kHead + line("0:1F90", "0A", "3") + line("0:1F91", "01", "4"));
  EXPECT_EQ(target::read_listening_port(root_, 10), std::nullopt);
  open_descriptor(0, "/dev/null");
  open_descriptor(3, "socket:[2]");
  EXPECT_EQ(target::read_listening_port(root_, 10), 9000);
  open_descriptor(4, "socket:[3]");
  open_descriptor(5, "socket:[4]");
  open_descriptor(6, "socket:[x]");
  EXPECT_EQ(target::read_listening_port(root_, 10), 8080);
  EXPECT_EQ(target::read_listening_port(root_, 11), std::nullopt);
}

TEST_F(ListeningPort, OnesThatTheKernelGivesOutAreKnown) {
  EXPECT_FALSE(target::is_given_out_by_the_kernel(root_, 8080));
  EXPECT_TRUE(target::is_given_out_by_the_kernel(root_, 40'000));
  write("sys/net/ipv4/ip_local_port_range", "8000\t9000\n");
  EXPECT_TRUE(target::is_given_out_by_the_kernel(root_, 8080));
  EXPECT_FALSE(target::is_given_out_by_the_kernel(root_, 40'000));
}

}  // namespace
