#include "expose/doctor_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/utf8.h"
#include "expose/printable.h"

namespace expose {
namespace {

using Json = nlohmann::ordered_json;
using model::CheckStatus;

std::string_view name_of(CheckStatus status) {
  switch (status) {
    case CheckStatus::kOk:
      return "ok";
    case CheckStatus::kNote:
      return "note";
    case CheckStatus::kFail:
      return "fail";
  }
  return "unknown";
}

// A failure must be found at a glance.
std::string_view mark_of(CheckStatus status) {
  return status == CheckStatus::kFail ? "FAIL" : name_of(status);
}

constexpr const char* kHeadings[] = {"PID", "UID", "PROCESS", "WATCHED", "PROGRAM, OR WHY NOT"};

std::string row(const std::string& pid, const std::string& uid, const std::string& name,
                const std::string& watched, const std::string& rest) {
  return fmt::format("{:>7}  {:>5}  {:<24}  {:<7}  {}\n", pid, uid, name, watched, rest);
}

std::string candidate_row(const model::Candidate& candidate) {
  const std::string& name = candidate.name.empty() ? candidate.comm : candidate.name;
  return row(std::to_string(candidate.pid), std::to_string(candidate.uid), printable(name),
             candidate.is_watched ? "yes" : "no",
             printable(candidate.is_watched ? candidate.executable : candidate.reason));
}

std::string candidate_table(const model::CandidateList& list) {
  if (list.candidates.empty()) return {};
  std::string out =
      '\n' + row(kHeadings[0], kHeadings[1], kHeadings[2], kHeadings[3], kHeadings[4]);
  for (const model::Candidate& candidate : list.candidates) out += candidate_row(candidate);
  if (list.left_out > 0) out += fmt::format("and {} more\n", list.left_out);
  return out + '\n';
}

Json candidates_json(const model::CandidateList& list) {
  Json candidates = Json::array();
  for (const model::Candidate& candidate : list.candidates) {
    candidates.push_back({{"pid", candidate.pid},
                          {"uid", candidate.uid},
                          {"comm", base::valid_utf8(candidate.comm)},
                          {"executable", base::valid_utf8(candidate.executable)},
                          {"name", base::valid_utf8(candidate.name)},
                          {"watched", candidate.is_watched},
                          {"reason", base::valid_utf8(candidate.reason)}});
  }
  return {{"looked_at", list.looked_at},
          {"denied", list.denied},
          {"left_out", list.left_out},
          {"processes", std::move(candidates)}};
}

}  // namespace

std::string write_doctor_text(const model::DoctorReport& report) {
  std::size_t width = 0;
  for (const model::Check& check : report.checks) width = std::max(width, check.name.size());
  std::string out;
  std::size_t failures = 0;
  for (const model::Check& check : report.checks) {
    out += fmt::format("{:<4}  {:<{}}  {}", mark_of(check.status), check.name, width,
                       printable(check.detail));
    if (!check.fix.empty()) out += " -> " + printable(check.fix);
    out += '\n';
    failures += check.status == CheckStatus::kFail ? 1 : 0;
  }
  if (report.candidates) out += candidate_table(*report.candidates);
  if (failures == 0) return out + "nothing failed\n";
  return out + fmt::format("{} {} failed; what to do stands behind ->\n", failures,
                           failures == 1 ? "check" : "checks");
}

std::string write_doctor_json(const model::DoctorReport& report) {
  Json checks = Json::array();
  for (const model::Check& check : report.checks) {
    checks.push_back({{"name", base::valid_utf8(check.name)},
                      {"status", name_of(check.status)},
                      {"detail", base::valid_utf8(check.detail)},
                      {"fix", base::valid_utf8(check.fix)}});
  }
  Json document = {{"ok", report.ok()}, {"checks", std::move(checks)}};
  if (report.candidates) document["candidates"] = candidates_json(*report.candidates);
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace expose
