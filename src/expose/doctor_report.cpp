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
  const Json document = {{"ok", report.ok()}, {"checks", std::move(checks)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace expose
