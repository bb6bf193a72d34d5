"""Prints the texts of all table cells that one program shows, as a JSON list a line, once for each line on stdin.
Reads the accessibility tree, so it sees exactly what a screen reader would tell the user.

    accessible_rows.py PROGRAM        (DBUS_SESSION_BUS_ADDRESS names the session of the program)
"""

import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402  (the version must be chosen before)

MOST_NODES = 5000


def cells(node, found, budget):
    if budget[0] <= 0:
        return
    budget[0] -= 1
    if node.get_role() == Atspi.Role.TABLE_CELL:
        found.append(node.get_name())
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            cells(child, found, budget)


def look(program):
    desktop = Atspi.get_desktop(0)
    desktop.clear_cache()
    found = []
    for index in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(index)
        if application is not None and application.get_name() == program:
            application.clear_cache()
            cells(application, found, [MOST_NODES])
    return found


def main():
    Atspi.init()
    for _ in sys.stdin:
        try:
            found = look(sys.argv[1])
        except gi.repository.GLib.Error:  # a row went away while it was read: the next look sees the new state
            found = []
        print(json.dumps(found), flush=True)


main()
