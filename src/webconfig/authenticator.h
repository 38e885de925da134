// Who is let in.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "webconfig/password_checks.h"
#include "webconfig/web_config.h"

namespace webconfig {

// The users of one configuration; what was checked is remembered beyond it. Immutable: any thread
// may call it, only a worker's (password_checks.h).
class Authenticator {
 public:
  // At least one user.
  Authenticator(std::vector<User> users, std::shared_ptr<PasswordChecks> checks);

  // By the value of a request's field Authorization; empty: it has none.
  Verdict check(std::string_view authorization) const;

 private:
  const std::vector<User> users_;
  // Of nobody, and as dear as the dearest: whether a user exists can't be told by the time.
  const std::string nobodys_hash_;
  const std::shared_ptr<PasswordChecks> checks_;
};

}  // namespace webconfig
