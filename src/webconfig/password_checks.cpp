#include "webconfig/password_checks.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>

namespace webconfig {
namespace {

constexpr std::size_t kHashBytes = 60;
constexpr std::size_t kSettingBytes = sizeof("$2y$10$") - 1;
constexpr int kMinCost = 4;
constexpr int kMaxCost = 31;

bool is_bcrypt_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '/';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_password_of(const std::string& password, const std::string& hash, crypt_data* work) {
  const char* const made = ::crypt_r(password.c_str(), hash.c_str(), work);
  const bool is_right = made != nullptr && std::string_view(made).size() == hash.size() &&
                        ::CRYPTO_memcmp(made, hash.data(), hash.size()) == 0;
  ::OPENSSL_cleanse(work, sizeof(crypt_data));
  return is_right;
}

// With its length before it, so that two texts can't be taken for two others.
void append(std::string& all, std::string_view text) {
  const std::uint64_t bytes = text.size();
  all.append(reinterpret_cast<const char*>(&bytes), sizeof bytes);
  all += text;
}

}  // namespace

std::optional<int> bcrypt_cost(std::string_view hash) {
  const bool is_hash = hash.size() == kHashBytes && hash.starts_with("$2") &&
                       (hash[2] == 'a' || hash[2] == 'b' || hash[2] == 'y') && hash[3] == '$' &&
                       is_digit(hash[4]) && is_digit(hash[5]) && hash[6] == '$' &&
                       std::all_of(hash.begin() + kSettingBytes, hash.end(), is_bcrypt_char);
  if (!is_hash) return std::nullopt;
  const int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  if (cost < kMinCost || cost > kMaxCost) return std::nullopt;
  return cost;
}

PasswordChecks::PasswordChecks() {
  if (::RAND_bytes(salt_.data(), static_cast<int>(salt_.size())) == 1) return;
  std::random_device random;
  std::generate(salt_.begin(), salt_.end(),
                [&] { return static_cast<unsigned char>(random() & 0xffU); });
}

PasswordChecks::Key PasswordChecks::key_of(std::string_view user, std::string_view hash,
                                           std::string_view password) const {
  std::string all;
  append(all, user);
  append(all, hash);
  append(all, password);
  Key key{};
  unsigned int bytes = key.size();
  ::HMAC(::EVP_sha256(), salt_.data(), static_cast<int>(salt_.size()),
         reinterpret_cast<const unsigned char*>(all.data()), all.size(), key.data(), &bytes);
  ::OPENSSL_cleanse(all.data(), all.size());
  return key;
}

// Keys can't be guessed without the salt: how long comparing takes tells nothing.
bool PasswordChecks::is_remembered(const Key& key) const {
  return std::find(right_.begin(), right_.end(), key) != right_.end();
}

Verdict PasswordChecks::check(std::string_view user, const std::string& hash,
                              const std::string& password, bool is_known) {
  const Key key = key_of(user, hash, password);
  std::unique_lock lock(mutex_);
  if (is_known && is_remembered(key)) return Verdict::kRight;
  if (waiting_ >= kMaxWaiting) return Verdict::kBusy;
  ++waiting_;
  // Many connections of one client come with the same password: the first one's check is theirs.
  changed_.wait_for(lock, kMaxWait,
                    [&] { return !is_computing_ || (is_known && is_remembered(key)); });
  --waiting_;
  if (is_known && is_remembered(key)) return Verdict::kRight;
  if (is_computing_) return Verdict::kBusy;
  const auto work = std::make_unique<crypt_data>();  // 32 KiB; nothing below throws
  is_computing_ = true;
  ++computed_;
  lock.unlock();
  const bool is_right = is_password_of(password, hash, work.get()) && is_known;
  lock.lock();
  is_computing_ = false;
  if (is_right && !is_remembered(key)) {
    if (right_.size() >= kMaxRemembered) right_.pop_front();
    right_.push_back(key);
  }
  changed_.notify_all();
  return is_right ? Verdict::kRight : Verdict::kWrong;
}

std::size_t PasswordChecks::computed() const {
  const std::lock_guard lock(mutex_);
  return computed_;
}

}  // namespace webconfig
