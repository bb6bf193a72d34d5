# Install rules: `cmake --install build/release --prefix /usr`. Programs that were not built are left out.
include(GNUInstallDirs)

foreach(program causewayd causewayctl causeway-console)
    if(TARGET ${program})
        install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    endif()
endforeach()

if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    # The unit names the program by its full path, so it is written for the prefix in use.
    file(READ ${CMAKE_SOURCE_DIR}/installer/linux/causewayd.service causeway_unit_text)
    string(REPLACE "/usr/bin/" "${CMAKE_INSTALL_FULL_BINDIR}/" causeway_unit_text "${causeway_unit_text}")
    string(REPLACE "/usr/share/doc/causeway" "${CMAKE_INSTALL_FULL_DATADIR}/doc/causeway" causeway_unit_text
                   "${causeway_unit_text}")
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/causewayd.service CONTENT "${causeway_unit_text}" @ONLY)
    install(FILES ${CMAKE_BINARY_DIR}/causewayd.service DESTINATION lib/systemd/system)
    install(FILES ${CMAKE_SOURCE_DIR}/installer/linux/causeway.sysusers DESTINATION lib/sysusers.d RENAME causeway.conf)
    install(FILES ${CMAKE_SOURCE_DIR}/installer/linux/causeway.tmpfiles DESTINATION lib/tmpfiles.d RENAME causeway.conf)
endif()

install(DIRECTORY ${CMAKE_SOURCE_DIR}/docs/user ${CMAKE_SOURCE_DIR}/docs/admin
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/causeway FILES_MATCHING PATTERN "*.md")
