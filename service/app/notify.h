#pragma once

#include <string>

namespace causeway::app {

/// Tells the service manager ("READY=1", "STOPPING=1", "RELOADING=1"); nothing happens where none asked for it
/// (environment NOTIFY_SOCKET, as systemd's sd_notify(3) describes it).
void notifyManager(const std::string& state);

}  // namespace causeway::app
