#include "command/web_checks.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "base/result.h"
#include "http/listen_address.h"
#include "http/listening_socket.h"
#include "http/tls_context.h"
#include "webconfig/web_config.h"

namespace command {
namespace {

using model::Check;
using model::CheckStatus;

constexpr const char* kListenAddress = "listen_address";

// Most often it is taken by the exporter that runs already: no fault.
Check judge_taken(const http::ListenAddress& address, const std::string& problem) {
  return {kListenAddress, CheckStatus::kNote,
          fmt::format("{}, by an exporter that runs already, or by somebody else", problem),
          fmt::format("look who it is: ss -ltnp 'sport = :{}'; or serve elsewhere, by "
                      "--web.listen-address",
                      address.port)};
}

Check judge_address(const std::string& text) {
  const auto address = http::parse_listen_address(text);
  if (!address) {
    return {kListenAddress, CheckStatus::kFail, address.error().message,
            "give it as HOST:PORT, [IPV6]:PORT or :PORT"};
  }
  const auto sockets = http::listen_on(*address);
  if (sockets) return {kListenAddress, CheckStatus::kOk, text + " can be listened on", ""};
  const std::string& problem = sockets.error().message;
  if (problem.find(base::errno_text(EADDRINUSE)) != std::string::npos) {
    return judge_taken(*address, problem);
  }
  return {kListenAddress, CheckStatus::kFail, problem,
          "give an address of this machine (ip addr) and a port above 1023, by "
          "--web.listen-address"};
}

base::Result<void> try_web_config(const std::string& path) {
  auto config = webconfig::read_web_config(path);
  if (!config) return base::pass_on(config);
  if (auto named = webconfig::read_named_files(*config); !named) return named;
  if (!config->tls) return {};
  if (auto tls = http::TlsContext::create(*config->tls); !tls) return base::pass_on(tls);
  return {};
}

Check judge_web_config(const std::string& path) {
  constexpr const char* kName = "web_config";
  if (auto tried = try_web_config(path); !tried) {
    return {kName, CheckStatus::kFail, tried.error().message,
            "mend the file, or the one that it names; docs/web.md has an example, and they must be "
            "readable for the user that the exporter runs as"};
  }
  return {kName, CheckStatus::kOk, path + " can be used", ""};
}

}  // namespace

std::vector<Check> web_checks(const ServeOptions& options) {
  std::vector<Check> checks;
  for (const std::string& text : options.listen_addresses) checks.push_back(judge_address(text));
  if (!options.web_config_file.empty()) checks.push_back(judge_web_config(options.web_config_file));
  return checks;
}

}  // namespace command
