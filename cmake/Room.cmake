# valkyria_room(NAME SOURCES file... USES target... [ALONE file...])
#
# A room is a folder below src/, a static library and a namespace. Headers are included as
# "room/header.h". tools/check_rooms checks that the arrows between rooms go one way.
#
# ALONE: files that are compiled by themselves in a unity build too, since a name of theirs that
# nobody else sees is also another file's.
function(valkyria_room name)
  cmake_parse_arguments(room "" "" "SOURCES;USES;ALONE" ${ARGN})
  add_library(${name} STATIC ${room_SOURCES})
  set_target_properties(${name} PROPERTIES UNITY_BUILD ${VALKYRIA_UNITY})
  set_source_files_properties(${room_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(${name} PUBLIC ${room_USES} PRIVATE valkyria_flags)
endfunction()
