// The lists by which clients say what they accept: Accept and Accept-Encoding (RFC 9110, 12.4.2).
#pragma once

#include <string_view>
#include <vector>

namespace http {

// An element such as "text/plain;version=0.0.4;q=0.5". The texts are the client's: any bytes.
struct Acceptable {
  std::string_view name;        // "text/plain"
  std::string_view parameters;  // "version=0.0.4;q=0.5"
  double quality = 1;           // 0 (not accepted) to 1
};

// The elements in their order. One whose quality is no number from 0 to 1 says nothing and is left
// out, like an empty one. Past 100 elements the rest is not read: clients send a handful.
std::vector<Acceptable> parse_accept_list(std::string_view field);

// The value of a parameter without its quotes; empty if there is none. Names don't differ by case.
std::string_view parameter_of(const Acceptable& element, std::string_view name);

// `text` without spaces and tabs around it.
std::string_view trimmed(std::string_view text);

// Whether two names are the same; they don't differ by case.
bool same_name(std::string_view one, std::string_view other);

}  // namespace http
