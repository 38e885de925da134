#include "resolve.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "layout/executable_layout.h"
#include "layout/layout_resolution.h"

namespace {

int fail_with(const std::string& message) {
  std::fprintf(stderr, "valkyria_exporter: %s\n", message.c_str());
  return 1;
}

std::string problem_of(const std::string& path) {
  return fmt::format("write {}: {}", path, std::strerror(errno));
}

// Empty: done.
std::string write_to(int fd, const std::string& path, const std::string& text) {
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const std::string problem = written ? std::string() : problem_of(path);
  ::close(fd);
  return problem;
}

// A file is written beside its place and then moved there: never half a file. What is there and no
// file, such as a device, is written into. Empty: done.
std::string write_file(const std::string& path, const std::string& text) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    return fd < 0 ? problem_of(path) : write_to(fd, path, text);
  }
  std::string beside = path + ".XXXXXX";
  const int fd = ::mkostemp(beside.data(), O_CLOEXEC);
  if (fd < 0) return problem_of(path);
  ::fchmod(fd, 0644);
  std::string problem = write_to(fd, path, text);
  if (problem.empty() && ::rename(beside.c_str(), path.c_str()) != 0) problem = problem_of(path);
  if (!problem.empty()) ::unlink(beside.c_str());
  return problem;
}

int run_resolve(const ResolveOptions& options) {
  const auto resolved = layout::resolve_executable(options.executable, options.debug_directories);
  if (!resolved) return fail_with(resolved.error().message);
  if (options.output.empty()) {
    const bool written = std::fputs(resolved->text.c_str(), stdout) >= 0;
    if (!written || std::fflush(stdout) != 0) return fail_with("write to stdout: it is closed");
  } else if (const std::string problem = write_file(options.output, resolved->text);
             !problem.empty()) {
    return fail_with(problem);
  }
  std::fprintf(stderr, "%s\n", resolved->summary.c_str());
  for (const std::string& missing : resolved->missing) {
    std::fprintf(stderr, "missing: %s\n", missing.c_str());
  }
  return 0;
}

}  // namespace

void add_resolve_commands(CLI::App& app, ResolveOptions& options) {
  CLI::App* resolve = app.add_subcommand(
      "resolve",
      "Make a layout file from a build with debug information, for --layout with a stripped one");
  resolve->add_option("--exe", options.executable, "The build with debug information")->required();
  resolve->add_option("-o,--output", options.output, "The file to write; without it, stdout");
  CLI::App* confined = app.add_subcommand(layout::kResolveConfined)->group("");
  confined->add_option(layout::kResolveName, options.name);
  resolve
      ->add_option("--debug-dir", options.debug_directories,
                   "Directory with separate debug files; repeatable")
      ->allow_extra_args(false);
}

std::optional<int> run_resolve_command(const CLI::App& app, const ResolveOptions& options) {
  if (app.got_subcommand(layout::kResolveConfined)) {
    return layout::run_resolve_confined(options.name);
  }
  if (!app.got_subcommand("resolve")) return std::nullopt;
  return run_resolve(options);
}
