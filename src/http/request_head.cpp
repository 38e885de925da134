#include "http/request_head.h"

#include <algorithm>
#include <optional>

#include "http/accept_list.h"

namespace http {
namespace {

constexpr unsigned char kTlsHandshake = 0x16;
constexpr std::string_view kSpace = " \t";

bool is_letter_or_digit(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_one_of(unsigned char c, std::string_view set) {
  return c != '\0' && set.find(static_cast<char>(c)) != std::string_view::npos;
}

// RFC 9110, 5.6.2: what methods and names of fields are made of.
bool is_token_char(unsigned char c) {
  return is_letter_or_digit(c) || is_one_of(c, "!#$%&'*+-.^_`|~");
}

bool is_control(unsigned char c) {
  return c < 0x20 || c == 0x7F;
}

bool is_host_char(unsigned char c) {
  return is_letter_or_digit(c) || is_one_of(c, "-._~%!$&'()*+,;=:[]");
}

bool is_target_char(unsigned char c) {
  return c > 0x20 && c < 0x7F && c != '#';
}

// "http://host/path?query" without its scheme and host; none if it has no such form.
std::optional<std::string> path_of_absolute_form(std::string_view target) {
  const std::size_t scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!same_name(scheme, "http") && !same_name(scheme, "https")) return std::nullopt;
  const std::string_view rest = target.substr(scheme_end + 3);
  const std::size_t host_end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view host = rest.substr(0, host_end);
  if (host.empty() || !std::all_of(host.begin(), host.end(), is_host_char)) return std::nullopt;
  const std::string_view path = rest.substr(host_end);
  return (path.empty() || path.front() != '/' ? "/" : "") + std::string(path);
}

Method method_of(std::string_view name) {
  if (name == "GET") return Method::kGet;
  if (name == "HEAD") return Method::kHead;
  if (name == "OPTIONS") return Method::kOptions;
  return Method::kOther;
}

}  // namespace

std::size_t HeadReader::read(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ == State::kPartial) read_byte(bytes[taken++]);
  return taken;
}

void HeadReader::read_byte(char byte) {
  if (++bytes_ > kMaxHeadBytes) return refuse(431, "the head of the request is too long");
  if (byte == '\r' && !after_cr_) {
    after_cr_ = true;
  } else if (after_cr_) {
    after_cr_ = false;
    if (byte != '\n') return refuse(400, "a carriage return without a line feed");
    end_line();
  } else {
    check_byte(static_cast<unsigned char>(byte));
    if (state_ == State::kRefused) return;
    line_ += byte;
    check_length();
  }
}

void HeadReader::check_byte(unsigned char byte) {
  const bool is_first = !has_begun_;
  has_begun_ = true;
  if (byte == '\n') return refuse(400, "a line feed without a carriage return");
  if (is_first && byte == kTlsHandshake) return refuse(400, "TLS on a port that speaks plain HTTP");
  if (is_control(byte) && byte != '\t') return refuse(400, "a control character in the head");
  if (!in_word_) return;
  if (is_token_char(byte)) return;
  const bool ends_word = byte == (in_fields_ ? ':' : ' ') && !line_.empty();
  if (ends_word) {
    in_word_ = false;
  } else if (!in_fields_) {
    refuse(400, "this is not HTTP");
  } else if (line_.empty() && is_one_of(byte, kSpace)) {
    refuse(400, "a field that goes on in a second line");
  } else {
    refuse(400, "a name of a field that has other characters than names have");
  }
}

void HeadReader::check_length() {
  if (in_fields_) {
    if (line_.size() > kMaxFieldBytes) refuse(431, "a field is too long");
  } else if (line_.size() > kMaxTargetBytes + sizeof("OPTIONS  HTTP/1.1")) {
    refuse(414, "the request's target is too long");
  }
}

void HeadReader::end_line() {
  if (line_.empty() && !in_fields_) return;  // an empty line before the request
  if (line_.empty()) return end_head();
  if (in_fields_) {
    read_field();
  } else {
    read_request_line();
    in_fields_ = true;
  }
  line_.clear();
  in_word_ = true;
}

void HeadReader::read_request_line() {
  const std::string_view line = line_;
  const std::size_t first_space = line.find(' ');
  const std::size_t last_space = line.rfind(' ');
  if (first_space == last_space) return refuse(400, "no line such as \"GET /path HTTP/1.1\"");
  const std::string_view version = line.substr(last_space + 1);
  const bool is_http = version.size() == sizeof("HTTP/1.1") - 1 && version.starts_with("HTTP/") &&
                       version[6] == '.' && version[5] >= '0' && version[5] <= '9' &&
                       version[7] >= '0' && version[7] <= '9';
  if (!is_http) return refuse(400, "no version such as HTTP/1.1");
  if (version[5] != '1') return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
  head_.is_http_1_0 = version[7] == '0';
  head_.method = method_of(line.substr(0, first_space));
  read_target(line.substr(first_space + 1, last_space - first_space - 1));
}

void HeadReader::read_target(std::string_view target) {
  if (target.size() > kMaxTargetBytes) return refuse(414, "the request's target is too long");
  if (target.empty() || !std::all_of(target.begin(), target.end(), is_target_char)) {
    return refuse(400, "the target has characters that must be percent-encoded");
  }
  if (target.front() == '/' || (target == "*" && head_.method == Method::kOptions)) {
    head_.target = target;
  } else if (auto path = path_of_absolute_form(target)) {
    head_.target = std::move(*path);
  } else if (head_.method == Method::kOther) {
    head_.target = "/";  // CONNECT host:port, for one; it is refused by its method
  } else {
    refuse(400, "the target is neither a path nor a URL");
  }
}

void HeadReader::read_field() {
  if (++fields_ > kMaxFields) return refuse(431, "too many fields");
  const std::size_t colon = line_.find(':');
  if (in_word_ || colon == std::string::npos) return refuse(400, "a field without a colon");
  const std::string_view line = line_;
  read_field_value(line.substr(0, colon), trimmed(line.substr(colon + 1)));
}

void HeadReader::read_field_value(std::string_view name, std::string_view value) {
  const auto keep = [value](std::string& kept) {
    if (!kept.empty()) kept += ", ";
    kept += value;
  };
  if (same_name(name, "Accept")) return keep(head_.accept);
  if (same_name(name, "Accept-Encoding")) return keep(head_.accept_encoding);
  if (same_name(name, "X-Prometheus-Scrape-Timeout-Seconds")) return keep(head_.scrape_timeout);
  if (same_name(name, "Last-Event-ID")) return keep(head_.last_event_id);
  if (same_name(name, "Authorization")) return keep(head_.authorization);
  if (same_name(name, "Sec-Fetch-Site")) return keep(head_.fetch_site);
  if (same_name(name, "Sec-Fetch-Mode")) return keep(head_.fetch_mode);
  if (same_name(name, "Sec-Fetch-Dest")) return keep(head_.fetch_dest);
  if (same_name(name, "Connection")) return read_connection(value);
  if (same_name(name, "Content-Length")) return read_content_length(value);
  if (same_name(name, "Transfer-Encoding")) return read_transfer_encoding(value);
  if (!same_name(name, "Host")) return;
  ++hosts_;
  if (!std::all_of(value.begin(), value.end(), is_host_char)) {
    return refuse(400, "the field Host names no host");
  }
  head_.host = value;
}

// Nobody reads a body here, but where it ends must be told in one way only.
void HeadReader::read_content_length(std::string_view value) {
  constexpr std::size_t kMaxDigits = 18;
  const bool is_number =
      !value.empty() && value.size() <= kMaxDigits &&
      std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_number) return refuse(400, "the field Content-Length has no number of bytes");
  if (!content_length_.empty() && content_length_ != value) {
    return refuse(400, "two fields Content-Length that differ");
  }
  content_length_ = value;
  if (value.find_first_not_of('0') != std::string_view::npos) head_.has_body = true;
}

void HeadReader::read_transfer_encoding(std::string_view value) {
  if (has_transfer_encoding_) return refuse(400, "two fields Transfer-Encoding");
  if (!same_name(value, "chunked")) return refuse(501, "a Transfer-Encoding other than chunked");
  has_transfer_encoding_ = true;
  head_.has_body = true;
}

void HeadReader::read_connection(std::string_view names) {
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    const std::string_view name = trimmed(names.substr(0, comma));
    wants_close_ |= same_name(name, "close");
    wants_keep_alive_ |= same_name(name, "keep-alive");
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
}

void HeadReader::end_head() {
  if (has_transfer_encoding_ && (!content_length_.empty() || head_.is_http_1_0)) {
    return refuse(400, "a Transfer-Encoding beside a Content-Length or in HTTP/1.0");
  }
  if (hosts_ > 1) return refuse(400, "more than one field Host");
  if (hosts_ == 0 && !head_.is_http_1_0) return refuse(400, "no field Host, which HTTP/1.1 needs");
  head_.keep_alive = !wants_close_ && (!head_.is_http_1_0 || wants_keep_alive_);
  state_ = State::kWhole;
}

void HeadReader::refuse(int status, std::string_view reason) {
  if (state_ == State::kRefused) return;
  state_ = State::kRefused;
  refusal_ = {status, reason};
}

}  // namespace http
