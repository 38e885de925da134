// How a check is made.
#pragma once

#include <string>
#include <vector>

#include "model/doctor_report.h"

namespace inspect {

model::Check ok(std::string name, std::string detail);
model::Check note(std::string name, std::string detail, std::string fix = {});
model::Check failed(std::string name, std::string detail, std::string fix);

// With commas between them.
std::string join(const std::vector<std::string>& words);

}  // namespace inspect
