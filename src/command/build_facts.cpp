#include "command/build_facts.h"

#include <fmt/format.h>

#include "elf/library_versions.h"
#include "probe/kernel.h"
#include "revision.h"

namespace command {
namespace {

#ifdef __clang__
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "gcc " __VERSION__;
#endif

}  // namespace

std::string version() {
  return VALKYRIA_VERSION;
}

std::string revision() {
  return VALKYRIA_REVISION;
}

std::string version_text() {
  std::string text = fmt::format("valkyria_exporter {}\n", version());
  const auto add = [&](const char* name, const std::string& value) {
    text += fmt::format("  {:<9} {}\n", name, value);
  };
  add("revision", revision());
  add("compiler", kCompiler);
  add("libbpf", probe::libbpf_version());
  add("libdw", elf::libdw_version());
  add("OpenSSL", elf::openssl_version());
  text.pop_back();
  return text;
}

}  // namespace command
