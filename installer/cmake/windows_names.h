#pragma once

// Read before each file of the service and the command line on Windows (causeway_build.cmake): its headers make macros
// of words that mean something else here, such as the interface of a network. All of those headers come first,
// the sockets before the rest.
#if defined(_WIN32)
// clang-format off
#include <winsock2.h>
#include <windows.h>
#include <iphlpapi.h>
#include <objbase.h>
// clang-format on
#undef interface
#undef far
#undef near
#undef small
#endif
