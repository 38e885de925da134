#include "webconfig/web_config.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/unique_fd.h"

namespace webconfig {
namespace {

const char* fix_for(int errno_value) {
  if (errno_value != EACCES) return "";
  return " (it is read without capabilities: the exporter's user must be allowed to)";
}

base::Result<std::string> read_file(const char* what, const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) {
    const int failed = errno;
    return base::fail("read {} {}: {}{}", what, path, base::errno_text(failed), fix_for(failed));
  }
  std::string text;
  std::array<char, 16 * 1024> piece;  // read() fills it
  while (text.size() <= kMaxFileBytes) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got == 0) return text;
    if (got > 0) {
      text.append(piece.data(), static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      return base::fail("read {} {}: {}", what, path, base::errno_text(errno));
    }
  }
  return base::fail("read {} {}: longer than {} bytes", what, path, kMaxFileBytes);
}

base::Result<void> read_into(Pem& pem, const char* what) {
  if (pem.file.empty()) return {};
  auto text = read_file(what, pem.file);
  if (!text) return base::pass_on(text);
  pem.text = std::move(*text);
  return {};
}

}  // namespace

base::Result<WebConfig> read_web_config(const std::string& path) {
  const auto text = read_file("web config", path);
  if (!text) return base::pass_on(text);
  return parse_web_config(*text, path);
}

base::Result<void> read_named_files(WebConfig& config) {
  if (!config.tls) return {};
  if (auto read = read_into(config.tls->certificate, "cert_file"); !read) return read;
  if (auto read = read_into(config.tls->key, "key_file"); !read) return read;
  return read_into(config.tls->client_ca, "client_ca_file");
}

std::vector<std::string> files_of(const WebConfig& config, const std::string& path) {
  std::vector<std::string> files{path};
  if (!config.tls) return files;
  for (const Pem* pem : {&config.tls->certificate, &config.tls->key, &config.tls->client_ca}) {
    if (!pem->file.empty()) files.push_back(pem->file);
  }
  return files;
}

}  // namespace webconfig
