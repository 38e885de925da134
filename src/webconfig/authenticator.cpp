#include "webconfig/authenticator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "webconfig/credentials.h"

namespace webconfig {
namespace {

std::string hash_as_dear_as(const std::vector<User>& users) {
  int cost = 4;
  for (const User& user : users) cost = std::max(cost, bcrypt_cost(user.hash).value_or(cost));
  return fmt::format("$2y${:02}${:.<53}", cost, "");
}

}  // namespace

Authenticator::Authenticator(std::vector<User> users, std::shared_ptr<PasswordChecks> checks)
    : users_(std::move(users)),
      nobodys_hash_(hash_as_dear_as(users_)),
      checks_(std::move(checks)) {}

Verdict Authenticator::check(std::string_view authorization) const {
  const auto given = parse_basic_credentials(authorization);
  if (!given) return Verdict::kWrong;
  const auto user = std::find_if(users_.begin(), users_.end(),
                                 [&](const User& one) { return one.name == given->user; });
  const bool is_known = user != users_.end();
  return checks_->check(given->user, is_known ? user->hash : nobodys_hash_, given->password,
                        is_known);
}

}  // namespace webconfig
