// SPDX-License-Identifier: BSD-2-Clause
//
// One site of every probe of the contract, with arguments of every kind that callers pass:
// constants, pointers, calls, narrow integers. Valid C and C++.
#include <valkyria/probes.h>

static int called;

static uint64_t call(uint64_t value) {
  called++;
  return value;
}

int main(int argc, char** argv) {
  const char* name = argv[0];
  unsigned short port = (unsigned short)argc;
  VALKYRIA_GC_REQUEST(argv, call(1), VALKYRIA_GC_EXPLICIT);
  VALKYRIA_GC_ARRIVE(argv, 1, argc);
  VALKYRIA_GC_BEGIN(argv, 1, call(2), call(3), VALKYRIA_GC_EXPLICIT, 1);
  VALKYRIA_GC_END(argv, 1, call(2), call(3), call(4), 5);
  VALKYRIA_EVAL_BEGIN(argv, VALKYRIA_EVAL_SCRIPT, name);
  VALKYRIA_EVAL_END(argv, VALKYRIA_EVAL_SCRIPT, call(1), 0);
  VALKYRIA_CONNECTION_STATE(1, "main", 2, name, port, 0, argv, VALKYRIA_STATE_NONE,
                            VALKYRIA_STATE_CONNECTING, 0);
  VALKYRIA_REQUEST_END(1, "main", 2, name, port, 0, call(200), call(1), call(2), call(3), call(4),
                       call(5));
  VALKYRIA_OVERLOAD(1, "main", 2, name, port, 0, VALKYRIA_OVERLOAD_ARENA);
  VALKYRIA_CLIENT_OPERATION(3, name, "cache", call(9), 0, 1);
  VALKYRIA_CLIENT_CACHE(3, name, "cache", 1);
  VALKYRIA_LOOP_TURN(1, "main", call(5000000));
  VALKYRIA_FUNCTION_ENTRY(argv, name, 1);
  VALKYRIA_FUNCTION_RETURN(argv, name, 1);
  // Nobody is attached, so no argument was computed.
  return called;
}
