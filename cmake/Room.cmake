# valkyria_room(NAME SOURCES file... USES target...)
#
# A room is a folder below src/, a static library and a namespace. Headers are included as
# "room/header.h". tools/check_rooms checks that the arrows between rooms go one way.
function(valkyria_room name)
  cmake_parse_arguments(room "" "" "SOURCES;USES" ${ARGN})
  add_library(${name} STATIC ${room_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(${name} PUBLIC ${room_USES} PRIVATE valkyria_flags)
endfunction()
