# Warnings, sanitizers and hardening for the programs that run on the host (BPF: BpfSkeleton.cmake).
add_library(valkyria_flags INTERFACE)
target_compile_options(valkyria_flags INTERFACE -Wall -Wextra -Wshadow -Wvla -fno-omit-frame-pointer)
target_compile_options(
  valkyria_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual
                           -Wold-style-cast>)
target_include_directories(valkyria_flags INTERFACE ${CMAKE_SOURCE_DIR}/include)
if(VALKYRIA_WARNINGS_AS_ERRORS)
  target_compile_options(valkyria_flags INTERFACE -Werror)
endif()
if(VALKYRIA_SANITIZE)
  set(sanitizers -fsanitize=${VALKYRIA_SANITIZE} -fno-sanitize-recover=all)
  target_compile_options(valkyria_flags INTERFACE ${sanitizers})
  target_compile_definitions(valkyria_flags INTERFACE VALKYRIA_SANITIZED)
  target_link_options(valkyria_flags INTERFACE ${sanitizers})
elseif(VALKYRIA_FUZZ)
  # The same sanitizers, and what tells the fuzzer where its inputs led. Lines are all that a stack
  # needs of debug information.
  # What one file shadows of another that is compiled with it is no fault; gcc looks for the others.
  target_compile_options(valkyria_flags INTERFACE -Wno-shadow)
  set(sanitizers -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  target_compile_options(
    valkyria_flags INTERFACE -O1 -gline-tables-only ${sanitizers}
                             -fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/tests/fuzz/not_looked_at.txt)
  target_link_options(valkyria_flags INTERFACE ${sanitizers})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL Debug)
  # Fortifying takes optimising, which tests do without (tests/CMakeLists.txt).
  target_compile_options(
    valkyria_flags
    INTERFACE -U_FORTIFY_SOURCE
              $<$<NOT:$<BOOL:$<TARGET_PROPERTY:VALKYRIA_TEST>>>:-D_FORTIFY_SOURCE=2>
              -fstack-protector-strong)
endif()
