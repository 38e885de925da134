#include "command/command_line.h"

int main(int argc, char** argv) {
  return command::run(argc, argv);
}
