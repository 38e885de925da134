// SPDX-License-Identifier: BSD-2-Clause
#include "support/minivalk.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace test {

std::string built_programs_dir() {
  return VALKYRIA_BIN_DIR;
}

Labels MinivalkServer::labels() const {
  return {{"server", host}, {"port", std::to_string(port)}, {"protocol", protocol}};
}

Minivalk::Minivalk(const std::vector<std::string>& arguments, const std::string& bin_dir,
                   Stderr stderr_to)
    : process_(bin_dir + "/minivalk", arguments, stderr_to) {
  wait_until_ready();
}

Minivalk::Minivalk(const std::string& program, const std::vector<std::string>& arguments)
    : process_(program, arguments) {
  wait_until_ready();
}

void Minivalk::wait_until_ready() {
  auto line = process_.read_line(soon());
  if (!line) throw std::runtime_error("minivalk did not get ready");
  ready_line_ = *line;
  const auto ready = nlohmann::json::parse(*line);
  for (const auto& server : ready.at("servers"))
    servers_.push_back({server.at("system"), server.at("host"),
                        server.at("port").get<std::uint16_t>(), server.at("protocol")});
}

std::string Minivalk::command(const std::string& text) {
  if (!process_.write_line(text)) throw std::runtime_error("minivalk does not read: " + text);
  auto line = process_.read_line(soon());
  if (!line) throw std::runtime_error("no answer from minivalk to: " + text);
  return *line;
}

Samples Minivalk::truth() {
  Samples samples = parse_truth(command("truth"));
  if (!samples.problems.empty()) throw std::runtime_error("bad truth: " + samples.problems[0]);
  return samples;
}

ExitStatus Minivalk::quit() {
  command("quit");
  auto status = process_.wait(soon());
  if (!status) throw std::runtime_error("minivalk does not quit");
  return *status;
}

}  // namespace test
