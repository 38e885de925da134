#include <crypt.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "webconfig/authenticator.h"
#include "webconfig/credentials.h"
#include "webconfig/token_bucket.h"

namespace {

using std::chrono::milliseconds;
using webconfig::Authenticator;
using webconfig::bcrypt_cost;
using webconfig::parse_basic_credentials;
using webconfig::PasswordChecks;
using webconfig::TokenBucket;
using webconfig::User;
using webconfig::Verdict;

std::string hash_of(const std::string& password, const char* setting) {
  const auto work = std::make_unique<crypt_data>();
  return ::crypt_r(password.c_str(), setting, work.get());
}

// As cheap as there are.
const std::string& cheap_hash() {
  static const std::string hash = hash_of("open sesame", "$2b$04$abcdefghijklmnopqrstuu");
  return hash;
}

class Authenticating : public testing::Test {
 protected:
  Verdict check(std::string_view field) const { return authenticator_.check(field); }

  const std::shared_ptr<PasswordChecks> checks_ = std::make_shared<PasswordChecks>();
  const Authenticator authenticator_{{User{"alice", cheap_hash()}}, checks_};
};

// "alice:open sesame"
constexpr const char* kRight = "Basic YWxpY2U6b3BlbiBzZXNhbWU=";

TEST_F(Authenticating, LetsInWhoKnowsThePassword) {
  EXPECT_EQ(check(kRight), Verdict::kRight);
}

TEST_F(Authenticating, LetsNobodyElseIn) {
  EXPECT_EQ(check(""), Verdict::kWrong);
  EXPECT_EQ(check("Basic YWxpY2U6b3BlbiBzZXNhbQ=="), Verdict::kWrong);     // a byte less
  EXPECT_EQ(check("Basic YWxpY2U6b3BlbiBzZXNhbWUA"), Verdict::kWrong);     // a byte 0 more
  EXPECT_EQ(check("Basic Ym9iOm9wZW4gc2VzYW1l"), Verdict::kWrong);         // bob
  EXPECT_EQ(check(std::string(kRight) + ", " + kRight), Verdict::kWrong);  // two of them
}

TEST_F(Authenticating, ComputesARightPasswordOnce) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(check(kRight), Verdict::kRight);
  EXPECT_EQ(checks_->computed(), 1U);
}

TEST_F(Authenticating, ComputesAWrongOneEachTime) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(check("Basic YWxpY2U6eA=="), Verdict::kWrong);
  EXPECT_EQ(checks_->computed(), 3U);
}

TEST_F(Authenticating, ComputesForAnUnknownUserToo) {
  check("Basic Ym9iOm9wZW4gc2VzYW1l");
  EXPECT_EQ(checks_->computed(), 1U);
}

TEST_F(Authenticating, ForgetsAPasswordThatWasChanged) {
  EXPECT_EQ(check(kRight), Verdict::kRight);
  const Authenticator changed({User{"alice", hash_of("new", "$2b$04$abcdefghijklmnopqrstuu")}},
                              checks_);
  EXPECT_EQ(changed.check(kRight), Verdict::kWrong);
  const Authenticator gone({User{"bob", cheap_hash()}}, checks_);
  EXPECT_EQ(gone.check(kRight), Verdict::kWrong);
  const Authenticator same({User{"alice", cheap_hash()}}, checks_);
  EXPECT_EQ(same.check(kRight), Verdict::kRight);
  EXPECT_EQ(checks_->computed(), 3U);
}

TEST_F(Authenticating, ComputesOnceForACrowdWithOnePassword) {
  std::vector<std::jthread> crowd;
  for (int i = 0; i < 8; ++i) {
    crowd.emplace_back([this] { EXPECT_EQ(check(kRight), Verdict::kRight); });
  }
  crowd.clear();
  EXPECT_EQ(checks_->computed(), 1U);
}

// Dear enough that all are here before the first is done.
TEST(PasswordChecks, LetWaitOnlySoManyThatGuess) {
  const std::string dear = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";
  PasswordChecks checks;
  std::atomic<int> busy{0};
  std::vector<std::jthread> crowd;
  for (int i = 0; i < 40; ++i) {
    crowd.emplace_back([&checks, &dear, &busy, i] {
      if (checks.check("eve", dear, std::to_string(i), true) == Verdict::kBusy) ++busy;
    });
  }
  crowd.clear();
  EXPECT_GT(busy, 0);
  EXPECT_LE(checks.computed() + static_cast<std::size_t>(busy), 40U);
}

TEST(PasswordChecks, RememberSoManyAndForgetTheOldest) {
  PasswordChecks checks;
  EXPECT_EQ(checks.check("0", cheap_hash(), "open sesame", true), Verdict::kRight);
  for (std::size_t i = 1; i <= PasswordChecks::kMaxRemembered; ++i) {
    checks.check(std::to_string(i), cheap_hash(), "open sesame", true);
  }
  const std::size_t before = checks.computed();
  checks.check("2", cheap_hash(), "open sesame", true);
  EXPECT_EQ(checks.computed(), before);
  checks.check("0", cheap_hash(), "open sesame", true);
  EXPECT_EQ(checks.computed(), before + 1);
}

TEST(BcryptCost, KnowsHashesOfAllTools) {
  const std::string rest = "10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";
  for (const char* version : {"$2a$", "$2b$", "$2y$"}) EXPECT_EQ(bcrypt_cost(version + rest), 10);
  for (const char* version : {"$1$", "$2$", "$2x$", "2y$", ""}) {
    EXPECT_EQ(bcrypt_cost(version + rest), std::nullopt) << version;
  }
}

TEST(ParseBasicCredentials, SplitsAtTheFirstColon) {
  const auto parsed = parse_basic_credentials("bAsIc  YTpiOmM=");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->user, "a");
  EXPECT_EQ(parsed->password, "b:c");
}

TEST(ParseBasicCredentials, RefusesWhatIsNone) {
  for (const char* text :
       {"", "Basic", "Basic ", "Bearer YTpi", "Basic YTp", "Basic YWI=", "Basic YTpi YTpi",
        "Basic Y=pi", "Basic ====", "Basic YTpi\n", "Basic YTpiAA==\t", "Basic AAA6"}) {
    EXPECT_FALSE(parse_basic_credentials(text)) << text;
  }
}

TEST(TokenBucket, GivesABurstAndThenOneAnInterval) {
  const TokenBucket::TimePoint start{};
  TokenBucket bucket({milliseconds(100), 3}, start);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(start));
  EXPECT_FALSE(bucket.take(start + milliseconds(99)));
  EXPECT_TRUE(bucket.take(start + milliseconds(150)));
  EXPECT_FALSE(bucket.take(start + milliseconds(190)));
  EXPECT_FALSE(bucket.take(start));  // a look at an older clock gives nothing
  const auto later = start + std::chrono::hours(1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(later));
  EXPECT_FALSE(bucket.take(later));
}

}  // namespace
