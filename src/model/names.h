// The words by which closed sets appear in labels and JSON.
#pragma once

#include <string_view>

#include "model/snapshot.h"

namespace model {

std::string_view name_of(ConnectionState state);
std::string_view name_of(StatusClass status);
std::string_view name_of(EvalKind kind);
std::string_view name_of(ProcessState state);

}  // namespace model
