#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "expose/doctor_report.h"
#include "expose/printable.h"

namespace {

using model::CheckStatus;

const model::DoctorReport kFailing{
    {{"bpf", CheckStatus::kOk, "programs can be loaded", ""},
     {"btf", CheckStatus::kNote, "absent", ""},
     {"privileges", CheckStatus::kFail, "missing CAP_BPF", "run it as root"}}};

TEST(DoctorText, IsOneAlignedLineACheckAndASummary) {
  EXPECT_EQ(expose::write_doctor_text(kFailing),
            "ok    bpf         programs can be loaded\n"
            "note  btf         absent\n"
            "FAIL  privileges  missing CAP_BPF -> run it as root\n"
            "1 check failed; what to do stands behind ->\n");
}

TEST(DoctorText, SaysThatNothingFailed) {
  EXPECT_EQ(expose::write_doctor_text({{{"btf", CheckStatus::kNote, "absent", ""}}}),
            "note  btf  absent\nnothing failed\n");
}

TEST(DoctorText, KeepsForeignTextOnItsLineAndHarmless) {
  const std::string text = expose::write_doctor_text(
      {{{"process", CheckStatus::kOk, "pid 1 (a\nFAIL \x1b[2J\xff\xc2\x9b)", ""}}});
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("\xc2\x9b"), std::string::npos);
}

TEST(Printable, CutsLongTexts) {
  EXPECT_LT(expose::printable(std::string(1'000'000, 'x')).size(), 500u);
  EXPECT_EQ(expose::printable("plain \xc3\xa4"), "plain \xc3\xa4");
}

TEST(DoctorJson, HasEveryCheckAndTheVerdict) {
  const auto json = nlohmann::json::parse(expose::write_doctor_json(kFailing));
  EXPECT_EQ(json.at("ok"), false);
  ASSERT_EQ(json.at("checks").size(), 3u);
  EXPECT_EQ(
      json["checks"][1],
      (nlohmann::json{{"name", "btf"}, {"status", "note"}, {"detail", "absent"}, {"fix", ""}}));
  EXPECT_EQ(json["checks"][2]["status"], "fail");
  EXPECT_EQ(json["checks"][2]["fix"], "run it as root");
}

TEST(DoctorJson, IsValidWhateverTheTextsHold) {
  const auto json = nlohmann::json::parse(
      expose::write_doctor_json({{{"process", CheckStatus::kOk, "\xff\"\n\x1b", ""}}}));
  EXPECT_EQ(json.at("ok"), true);
}

}  // namespace
