// The commands that look once, print what they saw, and end: doctor, probes and dump.
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

#include "layout/layouts.h"

struct InspectOptions {
  int pid = 0;  // 0: none given
  std::string format = "text";
  std::string dump_format = "prometheus";
  int seconds = 0;  // 0: none given
  layout::Config layouts;
};

// How the layout of a process's memory is found: for a command, or for serving.
void add_layout_options(CLI::App& app, layout::Config& layouts);

void add_inspect_commands(CLI::App& app, InspectOptions& options);

// Runs the one that was asked for and returns its exit status; nothing, if none was. `pid` is the
// one before the command: "--pid N doctor" means "doctor --pid N".
std::optional<int> run_inspect_command(const CLI::App& app, InspectOptions options, int pid);
