#include <gmock/gmock.h>

#include "confined_parts.h"

int main(int argc, char** argv) {
  if (argc > 1) {
    if (const auto part = test::parts().find(argv[1]); part != test::parts().end()) {
      return part->second({argv + 2, argv + argc});
    }
  }
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
