// Whether a password is right: slow on purpose, and remembered where it is.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace webconfig {

enum class Verdict {
  kRight,
  kWrong,
  kBusy,  // too many passwords wait to be checked
};

// The cost of a hash that bcrypt made, such as 10 of "$2y$10$...": each one more takes twice as
// long. None: it is no such hash.
std::optional<int> bcrypt_cost(std::string_view hash);

// Costs past it would keep a client waiting for longer than a scrape may take.
inline constexpr int kMaxBcryptCost = 16;

// Checks one password at a time, so that whoever guesses takes no more than one CPU and gets no
// more guesses than that computes. Right ones are remembered, by a hash with a salt that nobody
// else knows: checking them again costs nothing, also beside somebody who guesses. Any thread; only
// a worker's, since it may take seconds.
class PasswordChecks {
 public:
  static constexpr std::size_t kMaxWaiting = 8;         // past it: kBusy
  static constexpr std::size_t kMaxRemembered = 1'024;  // the oldest goes
  static constexpr std::chrono::seconds kMaxWait{5};    // past it: kBusy

  PasswordChecks();

  // Whether `password` is that of the hash. Of a user who `is_known` not it costs the same, and is
  // wrong.
  Verdict check(std::string_view user, const std::string& hash, const std::string& password,
                bool is_known);

  // How often one was computed.
  std::size_t computed() const;

 private:
  using Key = std::array<unsigned char, 32>;

  Key key_of(std::string_view user, std::string_view hash, std::string_view password) const;
  bool is_remembered(const Key& key) const;

  Key salt_{};
  mutable std::mutex mutex_;  // over everything below; never held while a hash is computed
  std::condition_variable changed_;
  bool is_computing_ = false;
  std::size_t waiting_ = 0;
  std::size_t computed_ = 0;
  std::deque<Key> right_;
};

}  // namespace webconfig
