#include "inspect/checks.h"

#include <utility>

namespace inspect {

using model::Check;
using model::CheckStatus;

Check ok(std::string name, std::string detail) {
  return {std::move(name), CheckStatus::kOk, std::move(detail), {}};
}

Check note(std::string name, std::string detail, std::string fix) {
  return {std::move(name), CheckStatus::kNote, std::move(detail), std::move(fix)};
}

Check failed(std::string name, std::string detail, std::string fix) {
  return {std::move(name), CheckStatus::kFail, std::move(detail), std::move(fix)};
}

std::string join(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) {
    list += list.empty() ? "" : ", ";
    list += word;
  }
  return list;
}

}  // namespace inspect
