#include "elf/library_versions.h"

#include <elfutils/libdwfl.h>
#include <openssl/crypto.h>

namespace elf {

std::string libdw_version() {
  return ::dwfl_version(nullptr);
}

std::string openssl_version() {
  return ::OpenSSL_version(OPENSSL_VERSION_STRING);
}

}  // namespace elf
