# Which revision of the source this is: a header that the build asks for each time, and that is only
# written where it says something new. "unknown" outside of a git checkout (a tarball, say), unless
# -DVALKYRIA_REVISION=... says it.
#
#   cmake -DSOURCE=... -DOUTPUT=... -DGIVEN=... -P Revision.cmake
cmake_minimum_required(VERSION 3.25)
set(revision "${GIVEN}")
if(revision STREQUAL "")
  set(revision unknown)
  find_program(GIT NAMES git)
  # The checkout may be somebody else's: of the builder of a package, or mounted into a container.
  set(git ${GIT} -c safe.directory=* -C ${SOURCE})
  # A tarball that was unpacked into somebody's checkout is none itself.
  if(GIT AND EXISTS ${SOURCE}/.git)
    execute_process(COMMAND ${git} rev-parse --short=12 HEAD OUTPUT_VARIABLE found ERROR_QUIET
                    RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT failed)
      set(revision "${found}")
      execute_process(COMMAND ${git} diff-index --quiet HEAD -- RESULT_VARIABLE modified
                              OUTPUT_QUIET ERROR_QUIET)
      if(modified EQUAL 1)
        string(APPEND revision "-modified")
      endif()
    endif()
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define VALKYRIA_REVISION \"\${revision}\"\n")
