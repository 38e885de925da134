// What stands before a request's body: read strictly, told in one way.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace http {

enum class Method { kGet, kHead, kOptions, kOther };

// What we use of a request's head (RFC 9112), and all that is told of it further on: a field that
// has no place here is read, checked and forgotten.
struct RequestHead {
  Method method = Method::kOther;
  std::string target;  // "/path?query" (also of an absolute form), or "*" of OPTIONS
  bool is_http_1_0 = false;
  bool keep_alive = true;  // the client's wish, by its version and the names in Connection
  bool has_body = false;
  // Values of a field that was sent several times are joined by ", ". Empty: not sent.
  std::string accept;
  std::string accept_encoding;
  std::string scrape_timeout;  // X-Prometheus-Scrape-Timeout-Seconds
  std::string last_event_id;   // Last-Event-ID
  std::string authorization;
  std::string host;
  // Whose page makes a browser ask, and for what: Sec-Fetch-Site, -Mode, -Dest.
  std::string fetch_site;
  std::string fetch_mode;
  std::string fetch_dest;
};

// Why a request is not answered: the status, and a line for people.
struct Refusal {
  int status = 400;
  std::string_view reason;
};

// Reads one head byte by byte, however they are split over packets, and refuses it at the first
// byte that can't be right: two readers of one head who disagree about where a line ends are how
// requests are smuggled. So there is no other reader: what httplib is given is written anew from
// the RequestHead.
//
// Empty lines before a request are skipped (RFC 9112, 2.2). One thread at a time.
class HeadReader {
 public:
  enum class State { kPartial, kWhole, kRefused };

  // Longer heads and more fields get 431, longer targets 414.
  static constexpr std::size_t kMaxHeadBytes = 16 * 1024;
  static constexpr std::size_t kMaxTargetBytes = 4 * 1024;
  static constexpr std::size_t kMaxFieldBytes = 8 * 1024;
  static constexpr std::size_t kMaxFields = 100;

  // Takes bytes up to the head's end or its first fault. Gives how many it took.
  std::size_t read(std::string_view bytes);

  State state() const { return state_; }
  // Whether anything but empty lines was read: a client that began must go on soon.
  bool has_begun() const { return has_begun_; }
  // With kWhole.
  const RequestHead& head() const { return head_; }
  // With kRefused.
  const Refusal& refusal() const { return refusal_; }

 private:
  void read_byte(char byte);
  // Refuses what can't stand there, as soon as it comes.
  void check_byte(unsigned char byte);
  void check_length();
  void end_line();
  void read_request_line();
  void read_target(std::string_view target);
  void read_field();
  void read_field_value(std::string_view name, std::string_view value);
  void read_content_length(std::string_view value);
  void read_transfer_encoding(std::string_view value);
  void read_connection(std::string_view names);
  void end_head();
  void refuse(int status, std::string_view reason);

  State state_ = State::kPartial;
  RequestHead head_;
  Refusal refusal_;
  std::string line_;
  bool has_begun_ = false;
  bool after_cr_ = false;
  bool in_fields_ = false;  // the request line is behind us
  bool in_word_ = true;     // in the method or a field's name: nothing but its letters
  std::size_t bytes_ = 0;
  std::size_t fields_ = 0;
  std::size_t hosts_ = 0;
  bool wants_close_ = false;       // by Connection
  bool wants_keep_alive_ = false;  // by Connection
  bool has_transfer_encoding_ = false;
  std::string content_length_;
};

}  // namespace http
