#include "resolve.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "agent/layout_resolution.h"
#include "agent/resolve.h"

namespace {

int fail_with(const std::string& message) {
  std::fprintf(stderr, "valkyria_exporter: %s\n", message.c_str());
  return 1;
}

// Beside its place and then moved there: never half a file. Empty: done.
std::string write_file(const std::string& path, const std::string& text) {
  const std::string beside = path + ".part";
  errno = 0;
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  std::error_code error;
  if (!file) {
    const std::string cause = std::strerror(errno);
    std::filesystem::remove(beside, error);
    return fmt::format("write {}: {}", beside, cause);
  }
  std::filesystem::rename(beside, path, error);
  return error ? fmt::format("write {}: {}", path, error.message()) : std::string();
}

int run_resolve(const ResolveOptions& options) {
  const auto resolved = agent::resolve_executable(options.executable, options.debug_directories);
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
  CLI::App* confined = app.add_subcommand(agent::kResolveConfined)->group("");
  confined->add_option(agent::kResolveName, options.name);
  for (CLI::App* command : {resolve, confined}) {
    command
        ->add_option(agent::kDebugDirectory, options.debug_directories,
                     "Directory with separate debug files by build id; repeatable")
        ->allow_extra_args(false);
  }
}

std::optional<int> run_resolve_command(const CLI::App& app, const ResolveOptions& options) {
  if (app.got_subcommand(agent::kResolveConfined)) {
    return agent::run_resolve_confined(options.name, options.debug_directories);
  }
  if (!app.got_subcommand("resolve")) return std::nullopt;
  return run_resolve(options);
}
