#include "elf/content_hash.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "base/owned.h"

namespace elf {

using base::fail;
using base::Result;

Result<std::string> hash_content(int fd, const std::string& name, std::uint64_t max_bytes) {
  const base::Owned<EVP_MD_CTX, EVP_MD_CTX_free> hash(EVP_MD_CTX_new());
  if (!hash || EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) != 1) {
    return fail("hash {}: libcrypto has no SHA-256", name);
  }
  std::vector<char> bytes(256 * 1024);
  std::uint64_t done = 0;
  while (true) {
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("read {}: {}", name, base::errno_text(errno));
    if (got == 0) break;
    done += static_cast<std::uint64_t>(got);
    if (done > max_bytes) return fail("hash {}: it has more than {} bytes", name, max_bytes);
    EVP_DigestUpdate(hash.get(), bytes.data(), static_cast<std::size_t>(got));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(hash.get(), digest.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

}  // namespace elf
