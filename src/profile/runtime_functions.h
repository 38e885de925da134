// Which of a runtime's own functions are its evaluator and its collector.
#pragma once

#include <string_view>

namespace profile {

// Of the evaluator: a Lisp function takes its place in a stack.
bool is_evaluator(std::string_view function);

// Of the collector of garbage.
bool is_collector(std::string_view function);

}  // namespace profile
