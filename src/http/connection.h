// One client's connection, from its first byte to its last.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "http/answer.h"
#include "http/limits.h"
#include "http/output_queue.h"
#include "http/request_head.h"
#include "http/transport.h"

namespace http {

// Reads heads, sends answers and streams, and knows how long it may wait for its client. Requests
// are answered one after the other: while one is, what the client sends behind it is kept, up to a
// limit.
//
// For the loop's thread alone. When it dies, whoever computes or writes a stream for it is told.
class Connection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  enum class Phase {
    kReading,    // waits for a request
    kComputing,  // a request is here; its answer is not
    kWriting,    // an answer is on its way
    kLingering,  // all is said; waits for the client's end, so that nothing is reset
    kOver,
  };
  // What the connection asks of the loop.
  enum class Next {
    kWait,
    kCompute,  // take_head(), then answer()
    kRefuse,   // answer() with the refusal
    kClose,    // it is over
    kTooSlow,  // as kClose, because its client took too long to read
  };

  Connection(std::unique_ptr<Transport> transport, const Limits& limits, TimePoint now);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // For poll(): what to wait for, and until when at most.
  int fd() const { return transport_->fd(); }
  const Transport& transport() const { return *transport_; }
  short events() const;
  TimePoint deadline() const;

  // Moves on by what poll() found (0: nothing) and by the clock.
  Next advance(short ready, TimePoint now);

  // With kCompute: the request's head; a worker has it from now on. `is_last`: no further request
  // is to come on this connection, whatever the client wishes.
  RequestHead take_head(bool is_last = false);
  // Requested when the client ends or leaves while its request is computed.
  std::stop_token client_left() const { return left_.get_token(); }
  // Requested when this connection is no more: its answer would reach nobody.
  std::stop_token gone() const { return gone_.get_token(); }
  // With kRefuse.
  const Refusal& refusal() const { return refusal_; }
  // The answer to the request that was taken or refused.
  Next answer(Answer answer, TimePoint now);

  // Tells whoever computes or streams for it that nobody waits any more.
  void abandon();

  Phase phase() const { return phase_; }
  // Since when it waits for its client.
  TimePoint since() const { return since_; }
  // Whether it was answered before.
  bool is_known() const { return is_known_; }
  // Bytes that the client has not taken yet.
  std::size_t waiting_bytes() const;
  bool has_stream_part() const { return stream_ && stream_->has_part(); }
  // How fast the answer is taken, from its first byte on. With kWriting.
  double bytes_per_s(TimePoint now) const;

 private:
  bool wants_input() const;
  void receive();
  void take_input(std::string_view bytes);
  void send(TimePoint now);
  void take_from_stream(TimePoint now);
  void finish_answer(TimePoint now);
  // Goes on with telling the client that no more comes.
  void end_sending();
  // Hands what is here to the head's reader.
  Next read_head(TimePoint now);
  Next expire(TimePoint now);
  bool has_delivered_more() const;
  void enter(Phase phase, TimePoint now);

  const std::unique_ptr<Transport> transport_;
  const Limits& limits_;
  Phase phase_ = Phase::kReading;
  TimePoint since_;
  bool is_known_ = false;

  HeadReader reader_;
  Refusal refusal_;
  std::string input_;            // behind the head that is being answered
  bool is_input_ended_ = false;  // the client sends no more
  bool is_ending_ = false;       // the client is being told that no more comes
  bool is_last_ = false;         // no further request is read: what comes is thrown away
  std::size_t thrown_bytes_ = 0;
  Moved::State receive_wait_ = Moved::State::kWaitReadable;
  std::stop_source left_;
  std::stop_source gone_;

  OutputQueue output_;
  std::shared_ptr<Stream> stream_;
  bool is_chunked_ = false;
  std::chrono::milliseconds patience_{};  // without any byte taken
  TimePoint progress_;                    // when the client last took some
  std::size_t sent_bytes_ = 0;            // since `since_`
  std::size_t delivered_bytes_ = 0;       // of them, at `progress_`
  Moved::State send_wait_ = Moved::State::kWaitWritable;
};

}  // namespace http
