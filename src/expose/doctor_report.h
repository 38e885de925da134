// The answer of `doctor`, for people and for programs.
#pragma once

#include <string>

#include "model/doctor_report.h"

namespace expose {

// One line a check, and one that sums up.
std::string write_doctor_text(const model::DoctorReport& report);

// {"ok": bool, "checks": [{"name", "status": "ok"|"note"|"fail", "detail", "fix"}]}
std::string write_doctor_json(const model::DoctorReport& report);

}  // namespace expose
