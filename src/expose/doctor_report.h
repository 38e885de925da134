// The answer of `doctor`, for people and for programs.
#pragma once

#include <string>

#include "model/doctor_report.h"

namespace expose {

// One line a check, a table of the candidates where they were looked for, and a line that sums up.
std::string write_doctor_text(const model::DoctorReport& report);

// {"ok": bool, "checks": [{"name", "status": "ok"|"note"|"fail", "detail", "fix"}],
//  "candidates": {"looked_at", "denied", "left_out",
//                 "processes": [{"pid", "uid", "comm", "executable", "name", "watched",
//                 "reason"}]}}
std::string write_doctor_json(const model::DoctorReport& report);

}  // namespace expose
