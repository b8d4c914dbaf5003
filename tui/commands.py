"""The one registry of commands: bindings, footer, palette, help and keymap read it, so they cannot drift."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Command:
    """Something a key does.

    `id` is what a keymap file names, "SCOPE.ACTION"; `keys` are Textual's names, separated by commas; `label` is the
    footer's word, "" to leave it out there; `help` is one sentence; `group` is its heading in the help.
    """

    id: str
    keys: str
    help: str
    group: str
    label: str = ""
    action: str = ""

    @property
    def scope(self) -> str:
        """The part of the program that owns the binding: app, main, timeline, detail, facets ..."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """The Textual action that runs it."""
        return self.action or self.id.partition(".")[2].replace("-", "_")


MOVE, READ, FILTER, WORK, PROGRAM = "Move", "Read", "Filter", "Work", "Program"

COMMANDS: tuple[Command, ...] = (
    # The timeline's own keys: each of them means something else in the other panes.
    Command("timeline.down", "j,down", "Next incident.", MOVE),
    Command("timeline.up", "k,up", "Previous incident.", MOVE),
    Command("timeline.page-down", "space,pagedown,ctrl+f", "A screen forward.", MOVE),
    Command("timeline.page-up", "b,pageup,ctrl+b", "A screen back.", MOVE),
    Command("timeline.half-down", "ctrl+d", "Half a screen forward.", MOVE),
    Command("timeline.half-up", "ctrl+u", "Half a screen back.", MOVE),
    Command("timeline.first", "g,home", "First incident.", MOVE),
    Command("timeline.last", "G,end", "Last incident.", MOVE),
    Command("timeline.open", "enter", "Open the incident: go to its details.", READ, "open"),
    # Everywhere on the main screen.
    Command("main.day-forward", "d", "Next day that has incidents.", MOVE),
    Command("main.day-back", "D", "Previous day that has incidents.", MOVE),
    Command("main.period-next", "right_curly_bracket", "Next month that has incidents.", MOVE),
    Command("main.period-previous", "left_curly_bracket", "Previous month that has incidents.", MOVE),
    Command("main.contested-next", "e", "Next contested incident.", MOVE),
    Command("main.contested-previous", "E", "Previous contested incident.", MOVE),
    Command("main.star-next", "u", "Next starred incident.", MOVE),
    Command("main.star-previous", "U", "Previous starred incident.", MOVE),
    Command("main.go-to-date", "at", "Go to a date: 2021, 2021-05, 2021-05-08.", MOVE, "date"),
    Command("main.search", "slash", "Type a query.", FILTER, "search"),
    Command("main.hit-next", "n", "Next hit: in the details the next word, else the next row.", FILTER),
    Command("main.hit-previous", "N", "Previous hit.", FILTER),
    Command("main.facets", "f", "Open the facets, or go to them.", FILTER, "facets"),
    Command("main.filter-value", "comma", "Filter by a value of the incident under the cursor.", FILTER, "filter by"),
    Command("main.suspend", "backslash", "Suspend all filters, and bring them back, keeping the place.", FILTER),
    Command("main.exclude-value", "minus", "Leave out a value of the incident under the cursor.", FILTER),
    Command("main.undo-filter", "backspace", "Take back the last step of the filter.", FILTER),
    Command("main.redo-filter", "R", "Do the step again that was taken back.", FILTER),
    Command("main.steps", "H", "The steps of the filter, to go back to any of them.", FILTER),
    Command("main.views", "V", "Saved views: apply, save, rename, delete.", FILTER, "views"),
    *(
        Command(f"main.view-{n}", str(n), "The saved view with that number.", FILTER, action=f"view({n})")
        for n in range(1, 10)
    ),
    Command("main.back", "escape", "Back to the timeline; then take back the last filter.", FILTER),
    Command("main.next-pane", "tab", "Next pane.", READ),
    Command("main.previous-pane", "shift+tab", "Previous pane.", READ),
    Command("main.density", "i", "Go to the density strip, or back.", READ, "density"),
    Command("main.zoom-in", "z", "Show a shorter span in the density strip.", READ),
    Command("main.zoom-out", "Z", "Show a longer span in the density strip.", READ),
    Command("main.toggle-detail", "p", "Show or hide the details.", READ, "details"),
    Command("main.compact", "v", "One line an incident, or two.", READ),
    Command("main.quote-next", "right_square_bracket", "Next quote.", READ),
    Command("main.quote-previous", "left_square_bracket", "Previous quote.", READ),
    Command("main.copy-quote", "y", "Copy the quote.", READ, "copy"),
    Command("main.copy-citation", "Y", "Copy the quote as a footnoted citation.", READ),
    Command("main.open-url", "o", "Open the document's address, after asking.", READ),
    Command("main.open-archive", "O", "Open the document's archived copy, after asking.", READ),
    Command("main.star", "m", "Star the incident, or take the star away.", WORK, "star"),
    Command("main.reload", "f5", "Read the store anew.", PROGRAM),
    Command("main.pause", "equals_sign", "Pause live reload, or go on.", PROGRAM),
    # The details.
    Command("detail.down", "j,down", "A line down.", MOVE),
    Command("detail.up", "k,up", "A line up.", MOVE),
    Command("detail.page-down", "space,pagedown,ctrl+f", "A screen down.", MOVE),
    Command("detail.page-up", "b,pageup,ctrl+b", "A screen up.", MOVE),
    Command("detail.half-down", "ctrl+d", "Half a screen down.", MOVE),
    Command("detail.half-up", "ctrl+u", "Half a screen up.", MOVE),
    Command("detail.first", "g,home", "To the top.", MOVE),
    Command("detail.last", "G,end", "To the end.", MOVE),
    Command("detail.quote", "enter", "Next quote.", READ, action="next_quote"),
    # The facets.
    Command("facets.down", "j,down", "Next value.", MOVE),
    Command("facets.up", "k,up", "Previous value.", MOVE),
    Command("facets.page-down", "pagedown,ctrl+f,ctrl+d", "A screen down.", MOVE),
    Command("facets.page-up", "b,pageup,ctrl+b,ctrl+u", "A screen up.", MOVE),
    Command("facets.first", "g,home", "First value.", MOVE),
    Command("facets.last", "G,end", "Last value.", MOVE),
    Command("facets.next-facet", "right,l", "Next facet.", MOVE),
    Command("facets.previous-facet", "left,h", "Previous facet.", MOVE),
    Command("facets.toggle", "enter,space,x", "Filter by the value, or no longer.", FILTER, "filter", "toggle_value"),
    Command("facets.exclude", "minus", "Leave the value out, or no longer.", FILTER, "leave out"),
    Command("facets.more", "plus", "All values of the facet, or the first few.", FILTER, "more"),
    # The density strip.
    Command("density.right", "l,right", "A column on; the timeline goes along.", MOVE),
    Command("density.left", "h,left", "A column back.", MOVE),
    Command("density.select-right", "L,shift+right", "Select to the right.", FILTER, "select"),
    Command("density.select-left", "H,shift+left", "Select to the left.", FILTER),
    Command("density.next-bar", "w", "Next column with incidents.", MOVE),
    Command("density.previous-bar", "b", "Previous column with incidents.", MOVE),
    Command("density.pick", "enter", "Filter by the days selected.", FILTER, "filter"),
    # The query line.
    Command("query.accept", "enter", "Go to the results, or take the offer moved to.", FILTER, "results"),
    Command("query.complete", "tab", "Complete the word.", FILTER, "complete"),
    Command("query.next", "down", "Next offer, or next query of the history.", FILTER),
    Command("query.previous", "up", "Previous offer, or previous query of the history.", FILTER, "history"),
    Command("query.leave", "escape", "Back to the timeline; the query stays.", FILTER, "back"),
    Command("query.clear", "ctrl+u", "Empty the query.", FILTER, "clear"),
    # Any list of lines: help and choosers.
    Command("help.down", "j,down", "A line down.", MOVE),
    Command("help.up", "k,up", "A line up.", MOVE),
    Command("help.page-down", "space,pagedown,ctrl+f,ctrl+d", "A screen down.", MOVE),
    Command("help.page-up", "b,pageup,ctrl+b,ctrl+u", "A screen up.", MOVE),
    Command("help.first", "g,home", "To the top.", MOVE),
    Command("help.last", "G,end", "To the end.", MOVE),
    Command("help.close", "escape,q,question_mark,f1", "Close.", PROGRAM, "close"),
    Command("chooser.down", "j,down", "Next.", MOVE),
    Command("chooser.up", "k,up", "Previous.", MOVE),
    Command("chooser.choose", "enter", "Filter by it.", FILTER, "filter"),
    Command("chooser.exclude", "minus", "Leave it out.", FILTER, "leave out"),
    Command("chooser.close", "escape,q,comma", "Close.", PROGRAM, "close"),
    Command("views.down", "j,down", "Next view.", MOVE),
    Command("views.up", "k,up", "Previous view.", MOVE),
    Command("views.choose", "enter", "Apply the view.", FILTER, "apply"),
    Command("views.save", "s", "Save the present query under a name.", FILTER, "save"),
    Command("views.rename", "r", "Give the view another name.", FILTER, "rename"),
    Command("views.delete", "x", "Delete the view.", FILTER, "delete"),
    *(
        Command(f"views.slot-{n}", str(n), "Give the view that number.", FILTER, action=f"slot({n})")
        for n in range(1, 10)
    ),
    Command("views.close", "escape,q", "Close.", PROGRAM, "close"),
    Command("pick.down", "j,down", "Next.", MOVE),
    Command("pick.up", "k,up", "Previous.", MOVE),
    Command("pick.choose", "enter", "Go there.", FILTER, "go"),
    Command("pick.close", "escape,q", "Close.", PROGRAM, "close"),
    # The whole program.
    Command(
        "app.help", "question_mark,f1", "Every key in reach, and the query language.", PROGRAM, "help", "show_keys"
    ),
    Command("app.palette", "ctrl+p", "Find a command by its name.", PROGRAM, "", "command_palette"),
    Command("app.quit", "q", "Quit.", PROGRAM, "quit"),
)
BY_ID: dict[str, Command] = {command.id: command for command in COMMANDS}

_SHOWN = {
    "right_curly_bracket": "}", "left_curly_bracket": "{", "right_square_bracket": "]", "left_square_bracket": "[",
    "question_mark": "?", "slash": "/", "comma": ",", "backslash": "\\", "at": "@", "minus": "-", "plus": "+",
    "equals_sign": "=", "number_sign": "#", "space": "Space", "escape": "Esc", "enter": "Enter", "tab": "Tab",
    "shift+tab": "⇧Tab", "pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End", "backspace": "⌫",
    "down": "↓", "up": "↑", "left": "←", "right": "→", "f1": "F1", "f5": "F5",
}  # fmt: skip


def in_scope(scope: str) -> list[Command]:
    """The commands of one scope, in the order of the registry."""
    return [command for command in COMMANDS if command.scope == scope]


def bindings(scope: str) -> list[BindingType]:
    """Textual bindings for one scope, each with the id that a keymap file can name."""
    return [Binding(command.keys, command.name, command.help, show=False, id=command.id) for command in in_scope(scope)]


def key_names(command: Command, keymap: dict[str, str]) -> list[str]:
    """The command's keys as a person would write them, after the user's keymap."""
    keys = keymap.get(command.id, command.keys).split(",")
    return [_key_name(key.strip()) for key in keys if key.strip()]


def _key_name(key: str) -> str:
    if key in _SHOWN:
        return _SHOWN[key]
    if key.startswith("ctrl+"):
        return "^" + key[5:]
    return key


SCOPES: dict[str, str] = {
    "timeline": "In the timeline",
    "main": "On the main screen",
    "detail": "In the details",
    "facets": "In the facets",
    "density": "In the density strip",
    "query": "In the query line",
    "chooser": "In a chooser",
    "views": "In the saved views",
    "pick": "In a list of steps",
    "help": "In the help",
    "app": "Everywhere",
}
"""Scope → its heading, in the order of the help."""


def page() -> str:
    """docs/keys.md: every command with its id, for whoever writes a settings file."""
    lines = [
        "# Keys",
        "",
        "Made from the registry by `python -m tui.commands > docs/keys.md`; a test compares the two.",
        "",
    ]
    for scope, heading in SCOPES.items():
        lines += [f"## {heading}", "", "| keys | does | id |", "|---|---|---|"]
        for command in in_scope(scope):
            keys = " ".join(f"`{key}`" if key != "|" else key for key in key_names(command, {}))
            lines.append(f"| {keys} | {command.help} | `{command.id}` |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    print(page(), end="")
