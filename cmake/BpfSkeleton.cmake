# valkyria_bpf_skeleton(NAME)
#
# Compiles NAME.bpf.c for the kernel and has bpftool make the libbpf skeleton NAME.skel.h of it.
# Result: an interface target NAME_skeleton whose include path has "NAME.skel.h".
function(valkyria_bpf_skeleton name)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/${name}.bpf.c)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(skeleton ${CMAKE_CURRENT_BINARY_DIR}/skeleton/${name}.skel.h)
  set(flags -g -O2 -target bpf -mcpu=v3 -std=gnu11 -Wall -Wextra -D__TARGET_ARCH_x86)
  if(VALKYRIA_WARNINGS_AS_ERRORS)
    list(APPEND flags -Werror)
  endif()
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/skeleton
    COMMAND ${BPF_CLANG} ${flags} -I${CMAKE_SOURCE_DIR}/include
            -isystem /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
            -MD -MF ${object}.d -MT ${skeleton} -c ${source} -o ${object}
    COMMAND sh -c "'${BPFTOOL}' gen skeleton '${object}' name '${name}_bpf' > '${skeleton}'"
    DEPENDS ${source}
    DEPFILE ${object}.d
    COMMENT "BPF skeleton ${name}"
    VERBATIM)
  add_custom_target(${name}_skeleton_file DEPENDS ${skeleton})
  add_library(${name}_skeleton INTERFACE)
  target_include_directories(${name}_skeleton SYSTEM INTERFACE ${CMAKE_CURRENT_BINARY_DIR}/skeleton)
  add_dependencies(${name}_skeleton ${name}_skeleton_file)
endfunction()
