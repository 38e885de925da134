# What is installed, and the package of Debian that cpack makes of it: tools/package.
#
# The package is of the release that it is built on, whose libraries it needs; its version says so, so
# that an upgrade of Debian is one of it, too.
include(GNUInstallDirs)
set(name valkyria-exporter)
set(packaging ${CMAKE_SOURCE_DIR}/packaging)
set(made ${CMAKE_BINARY_DIR}/packaging)
set(documents ${CMAKE_BINARY_DIR}/documents)

install(TARGETS valkyria_exporter RUNTIME DESTINATION bin)
install(FILES ${packaging}/systemd/${name}.service ${packaging}/systemd/${name}@.service
              ${packaging}/systemd/${name}.socket DESTINATION lib/systemd/system)
install(FILES ${packaging}/default DESTINATION /etc/default RENAME ${name})
install(FILES ${documents}/valkyria_exporter.1.gz DESTINATION share/man/man1)
install(FILES ${documents}/valkyria_exporter.bash DESTINATION share/bash-completion/completions
        RENAME valkyria_exporter)
install(FILES ${documents}/_valkyria_exporter DESTINATION share/zsh/vendor-completions)
install(FILES ${documents}/valkyria_exporter.fish DESTINATION share/fish/vendor_completions.d)
install(FILES ${made}/changelog.gz ${made}/changelog.Debian.gz ${made}/copyright
        DESTINATION share/doc/${name})
# What its users read; architecture and decisions are for who works on it.
set(for_users alerts captures dashboard fleet install instrumenting kubernetes limits log metrics names profiles
              queries threat-model web)
list(TRANSFORM for_users REPLACE "(.+)" "${CMAKE_SOURCE_DIR}/docs/\\1.md")
install(FILES ${for_users} DESTINATION share/doc/${name})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/tools/deploy/prometheus DESTINATION share/doc/${name}/examples)
install(FILES ${CMAKE_SOURCE_DIR}/tools/deploy/grafana/valkyria.json DESTINATION share/doc/${name}/examples/grafana)
install(FILES ${packaging}/debian/lintian-overrides DESTINATION share/lintian/overrides RENAME ${name})

file(STRINGS /etc/os-release release REGEX "^VERSION_ID=")
string(REGEX REPLACE "[^0-9]" "" release "${release}")
set(DEBIAN_RELEASE 1+deb${release})
set(DEBIAN_VERSION ${PROJECT_VERSION}-${DEBIAN_RELEASE})

# When it was made: by the commit, so that the same one says the same.
set(DATE "$ENV{SOURCE_DATE_EPOCH}")
if(NOT DATE)
  execute_process(COMMAND git -C ${CMAKE_SOURCE_DIR} log -1 --format=%ct
                  OUTPUT_VARIABLE DATE OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT DATE)
  set(DATE 0)
endif()
execute_process(COMMAND env LC_ALL=C date --utc --rfc-email --date=@${DATE} OUTPUT_VARIABLE DATE
                OUTPUT_STRIP_TRAILING_WHITESPACE)
file(READ ${CMAKE_SOURCE_DIR}/LICENSE LICENSE_TEXT)
string(REGEX REPLACE "\n\n" "\n.\n" LICENSE_TEXT "${LICENSE_TEXT}")
string(REGEX REPLACE "\n" "\n " LICENSE_TEXT " ${LICENSE_TEXT}")
string(REGEX REPLACE "[ \n]+$" "\n" LICENSE_TEXT "${LICENSE_TEXT}")
configure_file(${packaging}/debian/copyright.in ${made}/copyright @ONLY)
configure_file(${packaging}/debian/changelog.in ${made}/changelog.Debian @ONLY)
foreach(pair "${made}/changelog.Debian>${made}/changelog.Debian.gz"
             "${CMAKE_SOURCE_DIR}/CHANGELOG.md>${made}/changelog.gz"
             "${documents}/valkyria_exporter.1>${documents}/valkyria_exporter.1.gz")
  string(REGEX REPLACE ">.*" "" from ${pair})
  string(REGEX REPLACE ".*>" "" to ${pair})
  add_custom_command(OUTPUT ${to} COMMAND sh -c "gzip -9 -n < '${from}' > '${to}'" DEPENDS ${from} VERBATIM)
  list(APPEND zipped ${to})
endforeach()
add_custom_target(package_files DEPENDS ${zipped})
add_dependencies(package_files command_documents_files valkyria_exporter)

# tools/package builds what is needed.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY TRUE)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ${name})
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "the valkyria_exporter authors <valkyria-exporter@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "metrics of running Valkyria processes, for Prometheus")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Watches running processes of the Lisp runtime Valkyria from outside: garbage
collections with their pauses, HTTP requests, connections, evaluations,
clients, stalls of the event loop. Probes are attached by eBPF and count in
the kernel; what the runtime counts itself is read from its memory. Nothing
runs inside the runtime, and nothing is written to it.
.
It serves Prometheus and OpenMetrics text, a dashboard, and profiles that
name Lisp functions. It needs Linux 6.1 or later.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${DEBIAN_RELEASE})
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "init-system-helpers (>= 1.52)")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${packaging}/debian/postinst ${packaging}/debian/prerm ${packaging}/debian/postrm
    ${packaging}/debian/conffiles)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/package)
set(CPACK_OUTPUT_FILE_PREFIX ${CMAKE_BINARY_DIR}/package)
include(CPack)
