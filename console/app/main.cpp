#include "console/app/console_app.h"

wxIMPLEMENT_APP(causeway::console::ConsoleApp);
