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

model::DoctorReport with_candidates() {
  model::DoctorReport report;
  report.candidates =
      model::CandidateList{{{7, 0, "valk", "/usr/bin/valk", "web", true, ""},
                            {8, 1000, "a\nFAIL \xff", "", "", false, "it has no probes"}},
                           90,
                           2,
                           "open /x: Permission denied",
                           1};
  return report;
}

TEST(DoctorText, HasATableOfTheCandidates) {
  EXPECT_EQ(expose::write_doctor_text(with_candidates()),
            "\n"
            "    PID    UID  PROCESS                   WATCHED  PROGRAM, OR WHY NOT\n"
            "      7      0  web                       yes      /usr/bin/valk\n"
            "      8   1000  a\xEF\xBF\xBD"
            "FAIL \xEF\xBF\xBD                  no       it has no probes\n"
            "and 1 more\n"
            "\n"
            "nothing failed\n");
}

TEST(DoctorJson, HasTheCandidates) {
  const auto json = nlohmann::json::parse(expose::write_doctor_json(with_candidates()));
  const auto& candidates = json.at("candidates");
  EXPECT_EQ(candidates.at("looked_at"), 90);
  EXPECT_EQ(candidates.at("denied"), 2);
  ASSERT_EQ(candidates.at("processes").size(), 2u);
  EXPECT_EQ(candidates["processes"][0]["name"], "web");
  EXPECT_EQ(candidates["processes"][0]["watched"], true);
  EXPECT_EQ(candidates["processes"][1]["reason"], "it has no probes");
  EXPECT_FALSE(nlohmann::json::parse(expose::write_doctor_json(kFailing)).contains("candidates"));
}

TEST(DoctorJson, IsValidWhateverTheTextsHold) {
  const auto json = nlohmann::json::parse(
      expose::write_doctor_json({{{"process", CheckStatus::kOk, "\xff\"\n\x1b", ""}}}));
  EXPECT_EQ(json.at("ok"), true);
}

}  // namespace
