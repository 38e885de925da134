// SPDX-License-Identifier: BSD-2-Clause
//
// One accepted connection: its state, its input, its end. What happens with a request on it is in
// request.c; exactly one request is open at a time, later ones wait in the input.
#ifndef MINIVALK_CONNECTION_H
#define MINIVALK_CONNECTION_H

#include "http_parser.h"
#include "server.h"

#define UNSENT_BYTES_MAX (256U << 10)  // past it, a client that doesn't read gets no more answers

struct delay;

struct request {
  bool open;
  bool head_parsed;
  bool waiting;  // for the rest of it
  bool has_arena;
  struct http_request head;
  uint64_t begun_at_ns;
  uint64_t idle_ns;  // how long the connection had been idle before
  uint64_t eval_ns;
  uint64_t body_bytes_left;
  uint64_t bytes_received;
};

struct connection {
  uv_tcp_t tcp;
  uint64_t id;
  struct server* server;
  struct system* system;
  struct connection* next;
  struct connection* previous;
  enum valkyria_connection_state state;
  uint64_t state_since_ns;
  struct request request;
  struct delay* delay;  // the answer to the open request waits for a timer
  size_t writes_open;
  bool reading;
  size_t input_length;
  char* input;  // a TCP buffer, NULL while there is nothing in it and no request open
};

struct write;

void connection_accept(struct server* server);

// Moves to another state and counts that; returns how long the old one lasted.
uint64_t connection_enter(struct connection* connection, enum valkyria_connection_state to,
                          uint64_t now_ns);

void connection_consume(struct connection* connection, size_t length);

// Everything about an answer that can fail here. It owns `bytes` (malloc) from now on, even on
// failure (NULL). A write that was made must be sent.
struct write* connection_make_write(struct connection* connection, char* bytes, size_t length);

// Hands an answer to the transport.
void connection_send(struct write* write);

// No more requests: closes when all answers are sent. No request may be open.
void connection_close(struct connection* connection);

void connections_stop(struct system* system);

#endif  // MINIVALK_CONNECTION_H
