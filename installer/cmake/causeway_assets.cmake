# Icons and translations of the console. At run time they are found through $CAUSEWAY_ASSETS, else in
# ../share/causeway (icons) and ../share/locale (translations) next to the program, else where the build left them.
include(GNUInstallDirs)

file(GLOB causeway_icons CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/assets/icons/*.svg)
install(FILES ${causeway_icons} DESTINATION ${CMAKE_INSTALL_DATADIR}/causeway/icons)
install(FILES ${CMAKE_SOURCE_DIR}/assets/icons/causeway.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)

# assets/locale/LANG.po -> BUILD/share/locale/LANG/LC_MESSAGES/causeway.mo
find_program(CAUSEWAY_MSGFMT msgfmt)
file(GLOB causeway_translations CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/assets/locale/*.po)
set(causeway_catalogs)
if(CAUSEWAY_MSGFMT)
    foreach(translation ${causeway_translations})
        get_filename_component(language ${translation} NAME_WE)
        set(folder ${CMAKE_BINARY_DIR}/share/locale/${language}/LC_MESSAGES)
        file(MAKE_DIRECTORY ${folder})
        add_custom_command(OUTPUT ${folder}/causeway.mo
                           COMMAND ${CAUSEWAY_MSGFMT} --check-format -o ${folder}/causeway.mo ${translation}
                           DEPENDS ${translation} COMMENT "Translation ${language}" VERBATIM)
        list(APPEND causeway_catalogs ${folder}/causeway.mo)
        install(FILES ${folder}/causeway.mo DESTINATION ${CMAKE_INSTALL_DATADIR}/locale/${language}/LC_MESSAGES)
    endforeach()
elseif(causeway_translations)
    message(STATUS "msgfmt was not found (package gettext): the console is built without translations")
endif()
add_custom_target(causeway_translations ALL DEPENDS ${causeway_catalogs})
if(TARGET causeway-console)
    add_dependencies(causeway-console causeway_translations)
endif()

# Development builds find both without being installed. A package turns this off, so that no build path is inside it.
option(CAUSEWAY_DEVELOPMENT_ASSETS "The console may use the assets of the source folder" ON)
if(CAUSEWAY_DEVELOPMENT_ASSETS AND TARGET causeway_widgets)
    set_source_files_properties(${CMAKE_SOURCE_DIR}/console/widgets/icons.cpp PROPERTIES
                                COMPILE_DEFINITIONS CAUSEWAY_SOURCE_ASSETS="${CMAKE_SOURCE_DIR}/assets")
endif()
