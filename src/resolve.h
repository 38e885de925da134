// The command that makes a layout file, and the hidden one that it runs.
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

struct ResolveOptions {
  std::string executable;
  std::string output;  // empty: stdout
  std::string name;    // of the hidden command's executable
  std::vector<std::string> debug_directories;
};

void add_resolve_commands(CLI::App& app, ResolveOptions& options);

// Runs the one that was asked for and returns its exit status; nothing, if none was.
std::optional<int> run_resolve_command(const CLI::App& app, const ResolveOptions& options);
