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

ASSESSMENT = {
    "grade-confirmed": ("c", "Grade confirmed"),
    "grade-fair": ("f", "Grade fair"),
    "grade-weak": ("w", "Grade weak"),
    "grade-contested": ("t", "Grade contested"),
    "grade-discounted": ("x", "Grade discounted"),
    "grade-unknown": ("u", "Grade unknown"),
    "credibility-1": ("1", "Credibility 1"),
    "credibility-2": ("2", "Credibility 2"),
    "credibility-3": ("3", "Credibility 3"),
    "credibility-4": ("4", "Credibility 4"),
    "credibility-5": ("5", "Credibility 5"),
    "credibility-6": ("6", "Credibility 6"),
    "credibility-unknown": ("0", "Credibility unknown"),
    "status-draft": ("d", "A draft"),
    "status-reviewed": ("r", "Reviewed"),
}
"""Command of the assessment → its key, and what it sets: "COLUMN-VALUE"."""

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
    Command("main.claims", "c", "Who says what of the incident: the claim matrix.", READ, "claims"),
    Command("main.explain", "K", "Why this number: the rows behind a count, and the query that gives them.", READ),
    Command("main.cite", "C", "Cite the quote, the document or the whole incident, in a style.", READ),
    Command("main.source", "s", "Read the document of the quote, with every quote marked.", READ, "source"),
    Command("main.source-card", "I", "The card of the quote's document: what it was first and alone with.", READ),
    Command("main.documents", "S", "All documents of the store.", READ),
    Command("main.leave-out", "X", "What if a document, a speaker or a grade had not spoken; Esc comes back.", READ),
    Command("main.effect-next", "greater_than_sign", "Next row that leaving it out touches.", MOVE),
    Command("main.effect-previous", "less_than_sign", "Previous row that leaving it out touches.", MOVE),
    Command("main.roots", "r", "Roots: whom the incident rests on, and which roots may be one.", READ),
    Command("main.ledger", "L", "The air-defence ledger of what is shown: what each system did.", READ),
    Command("main.open-url", "o", "Open the document's address, after asking.", READ),
    Command("main.open-archive", "O", "Open the document's archived copy, after asking.", READ),
    Command("main.star", "m", "Star the incident, or take the star away.", WORK, "star"),
    Command("main.export", "ctrl+s", "Export exactly what is shown, in a format of your choice.", WORK, "export"),
    Command("main.doubles", "M", "Likely doubles: pairs of incidents that may be one.", WORK),
    Command("main.tag", "number_sign", "Give the incident tags, or take them away.", WORK, "tag"),
    Command("main.note", "a", "Write a note on the incident; change or delete earlier ones.", WORK, "note"),
    Command("main.assess", "A", "Assess the incident: grade, credibility, reviewed or not.", WORK, "assess"),
    Command("main.undo", "ctrl+z", "Undo your last write to the store: star, tag, note, pick, import ...", WORK),
    Command("main.redo", "ctrl+y", "Do again what was undone last.", WORK),
    Command("main.log", "W", "What was written to the store, by whom; undo any of it.", WORK),
    Command("main.reload", "f5", "Read the store anew.", PROGRAM),
    Command("main.pause", "equals_sign", "Pause live reload, or go on.", PROGRAM),
    Command("main.news-next", "w", "What is new: next incident that another program made or changed.", PROGRAM),
    Command("main.news-clear", "exclamation_mark", "Take away the marks of what is new.", PROGRAM),
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
    Command("facets.find", "slash", "Find a value of the facet by its name.", FILTER, "find"),
    Command("facets.widen", "escape", "After finding: all facets again.", FILTER),
    # The line in which a facet's value is looked for.
    Command("find.toggle", "enter", "Filter by the value, or no longer.", FILTER, "filter", "toggle_value"),
    Command("find.next", "down", "Next value.", MOVE),
    Command("find.previous", "up", "Previous value.", MOVE),
    Command("find.page-down", "pagedown", "A screen of values down.", MOVE),
    Command("find.page-up", "pageup", "A screen of values up.", MOVE),
    Command("find.to-list", "tab", "To the values found.", FILTER, "to the values"),
    Command("find.clear", "ctrl+u", "Empty the line.", FILTER),
    Command("find.leave", "escape", "All facets again.", FILTER, "back"),
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
    # The claim matrix.
    Command("claims.down", "j,down", "Next claim of the speaker, or next field.", MOVE),
    Command("claims.up", "k,up", "Previous claim of the speaker, or previous field.", MOVE),
    Command("claims.right", "l,right", "Next speaker.", MOVE),
    Command("claims.left", "h,left", "Previous speaker.", MOVE),
    Command("claims.page-down", "space,pagedown,ctrl+f,ctrl+d", "A screen of fields down.", MOVE),
    Command("claims.page-up", "b,pageup,ctrl+b,ctrl+u", "A screen of fields up.", MOVE),
    Command("claims.first", "g,home", "First field.", MOVE),
    Command("claims.last", "G,end", "Last field.", MOVE),
    Command("claims.first-speaker", "0", "First speaker.", MOVE),
    Command("claims.last-speaker", "dollar_sign", "Last speaker.", MOVE),
    Command("claims.disputed-next", "e", "Next disputed field.", MOVE, "disputed"),
    Command("claims.disputed-previous", "E", "Previous disputed field.", MOVE),
    Command("claims.quote", "enter", "The quotes of the cell whole, with chain, document and position.", READ, "quote"),
    Command("claims.pick", "p", "Take the value of the claim as the pick, with a reason.", WORK, "pick"),
    Command("claims.copy-quote", "y", "Copy the quote of the claim.", READ, "copy"),
    Command("claims.copy-citation", "Y", "Copy the quote of the claim as a footnoted citation.", READ),
    Command("claims.reload", "f5", "Read the claims anew.", PROGRAM),
    Command("claims.close", "escape,c,q", "Back to the timeline.", PROGRAM, "back"),
    # Why a number.
    Command("explain.down", "j,down", "Next row behind the number.", MOVE),
    Command("explain.up", "k,up", "Previous row behind the number.", MOVE),
    Command("explain.page-down", "space,pagedown,ctrl+f,ctrl+d", "A screen of rows down.", MOVE),
    Command("explain.page-up", "b,pageup,ctrl+b,ctrl+u", "A screen of rows up.", MOVE),
    Command("explain.first", "g,home", "First row behind the number.", MOVE),
    Command("explain.last", "G,end", "Last row behind the number.", MOVE),
    Command("explain.next-number", "l,right,tab", "Next number.", READ, "next number"),
    Command("explain.previous-number", "h,left,shift+tab", "Previous number.", READ),
    Command("explain.take", "enter", "Take the query as the filter.", FILTER, "filter"),
    Command("explain.copy", "y", "Copy the query.", FILTER, "copy"),
    Command("explain.close", "escape,K,q", "Back to where the number stands.", PROGRAM, "back"),
    # A citation.
    Command("cite.down", "j,down", "A line of the citation down.", MOVE),
    Command("cite.up", "k,up", "A line of the citation up.", MOVE),
    Command("cite.page-down", "space,pagedown,ctrl+f,ctrl+d", "A screen of the citation down.", MOVE),
    Command("cite.page-up", "b,pageup,ctrl+b,ctrl+u", "A screen of the citation up.", MOVE),
    Command("cite.next-style", "l,right", "Next style: footnote, markdown, bibtex, csl-json.", READ, "style"),
    Command("cite.previous-style", "h,left", "Previous style.", READ),
    Command("cite.next-extent", "tab", "Cite the document, the incident, the quote in turn.", READ, "what"),
    Command("cite.previous-extent", "shift+tab", "The same, the other way round.", READ),
    Command("cite.copy", "y", "Copy the citation.", READ, "copy"),
    Command("cite.write", "w", "Write the citation to a new file.", READ, "write"),
    Command("cite.close", "escape,C,q", "Back to the incident.", PROGRAM, "back"),
    # The source reader, the list of documents, and a document's card.
    Command("reader.down", "j,down", "A line down.", MOVE),
    Command("reader.up", "k,up", "A line up.", MOVE),
    Command("reader.page-down", "space,pagedown,ctrl+f", "A screen down.", MOVE),
    Command("reader.page-up", "b,pageup,ctrl+b", "A screen up.", MOVE),
    Command("reader.half-down", "ctrl+d", "Half a screen down.", MOVE),
    Command("reader.half-up", "ctrl+u", "Half a screen up.", MOVE),
    Command("reader.first", "g,home", "To the top.", MOVE),
    Command("reader.last", "G,end", "To the end.", MOVE),
    Command("reader.next", "n", "Next quote; in a search the next hit.", READ, "next"),
    Command("reader.previous", "N", "Previous quote; in a search the previous hit.", READ),
    Command("reader.quote-next", "right_square_bracket", "Next quote, in a search too.", READ),
    Command("reader.quote-previous", "left_square_bracket", "Previous quote, in a search too.", READ),
    Command("reader.document-next", "right_curly_bracket", "Next document of the incident.", READ),
    Command("reader.document-previous", "left_curly_bracket", "Previous document of the incident.", READ),
    Command("reader.go", "enter", "Go to the quote's incident in the timeline.", READ, "incident"),
    Command("reader.search", "slash", "Find words in the document.", FILTER, "search"),
    Command("reader.card", "i,I", "The card of the document.", READ, "card"),
    Command("reader.copy-quote", "y", "Copy the quote.", READ, "copy"),
    Command("reader.back", "escape", "End the search; then back to where one was.", PROGRAM, "back"),
    Command("reader.close", "q,s", "Back to where one was.", PROGRAM),
    Command("documents.down", "j,down", "Next document.", MOVE),
    Command("documents.up", "k,up", "Previous document.", MOVE),
    Command("documents.page-down", "space,pagedown,ctrl+f,ctrl+d", "A screen down.", MOVE),
    Command("documents.page-up", "b,pageup,ctrl+b,ctrl+u", "A screen up.", MOVE),
    Command("documents.first", "g,home", "First document.", MOVE),
    Command("documents.last", "G,end", "Last document.", MOVE),
    Command("documents.read", "enter,s", "Read the document.", READ, "read"),
    Command("documents.card", "i,I", "The card of the document.", READ, "card"),
    Command("documents.sort", "o", "Sort by date, quotes, incidents, publisher, title, reliability.", READ, "sort"),
    Command("documents.close", "escape,q,S", "Back to where one was.", PROGRAM, "back"),
    Command("card.down", "j,down", "A line down.", MOVE),
    Command("card.up", "k,up", "A line up.", MOVE),
    Command("card.page-down", "space,pagedown,ctrl+f", "A screen down.", MOVE),
    Command("card.page-up", "b,pageup,ctrl+b", "A screen up.", MOVE),
    Command("card.half-down", "ctrl+d", "Half a screen down.", MOVE),
    Command("card.half-up", "ctrl+u", "Half a screen up.", MOVE),
    Command("card.first", "g,home", "To the top.", MOVE),
    Command("card.last", "G,end", "To the end.", MOVE),
    Command("card.next", "n", "Next incident on the card.", READ, "next"),
    Command("card.previous", "N", "Previous incident on the card.", READ),
    Command("card.go", "enter", "Go to the incident in the timeline.", READ, "incident"),
    Command("card.read", "s", "Read the document.", READ, "read"),
    Command("card.grade", "r", "Grade the reliability of the document, with a reason.", WORK, "grade"),
    Command("card.close", "escape,q,i,I", "Back to where one was.", PROGRAM, "back"),
    # What to leave out.
    Command("leave-out.down", "down", "Next source.", MOVE),
    Command("leave-out.up", "up", "Previous source.", MOVE),
    Command("leave-out.page-down", "pagedown", "A screen of sources down.", MOVE),
    Command("leave-out.page-up", "pageup", "A screen of sources up.", MOVE),
    Command("leave-out.choose", "enter", "Show the timeline without it.", READ, "leave out"),
    Command("leave-out.close", "escape", "Close.", PROGRAM, "close"),
    # The air-defence ledger, and the incidents behind one of its numbers.
    Command("ledger.down", "j,down", "Next system.", MOVE),
    Command("ledger.up", "k,up", "Previous system.", MOVE),
    Command("ledger.right", "l,right", "Next column.", MOVE),
    Command("ledger.left", "h,left", "Previous column.", MOVE),
    Command("ledger.page-down", "space,pagedown,ctrl+f,ctrl+d", "A screen of systems down.", MOVE),
    Command("ledger.page-up", "b,pageup,ctrl+b,ctrl+u", "A screen of systems up.", MOVE),
    Command("ledger.first", "g,home", "First system.", MOVE),
    Command("ledger.last", "G,end", "Last system.", MOVE),
    Command("ledger.behind", "enter", "The incidents and quotes behind the number.", READ, "behind it"),
    Command("ledger.close", "L,escape", "Back to the timeline.", PROGRAM, "back"),
    Command("behind.down", "j,down", "Next incident behind the number.", MOVE),
    Command("behind.up", "k,up", "Previous incident behind the number.", MOVE),
    Command("behind.page-down", "space,pagedown,ctrl+f,ctrl+d", "A screen down.", MOVE),
    Command("behind.page-up", "b,pageup,ctrl+b,ctrl+u", "A screen up.", MOVE),
    Command("behind.go", "enter", "Go to the incident in the timeline.", READ, "incident"),
    Command("behind.close", "escape,q", "Back to the ledger.", PROGRAM, "back"),
    # Roots, and pairs that may be one.
    Command("roots.down", "j,down", "Next suspected pair.", MOVE),
    Command("roots.up", "k,up", "Previous suspected pair.", MOVE),
    Command("roots.page-down", "space,pagedown,ctrl+f,ctrl+d", "A screen of roots down.", MOVE),
    Command("roots.page-up", "b,pageup,ctrl+b,ctrl+u", "A screen of roots up.", MOVE),
    Command("roots.same", "y", "Say that it is one root: the copy gets a step of attribution more.", WORK, "one root"),
    Command("roots.not-same", "x", "Say that they are two roots; the pair is not offered again.", WORK, "two roots"),
    Command("roots.swap", "w", "Take the other quote for the one that was copied.", WORK, "swap"),
    Command("roots.take-back", "backspace", "Take back what was last said here.", WORK, "take back"),
    Command("roots.go", "enter", "Go to the pair's incident in the timeline.", READ, "incident"),
    Command("roots.close", "r,escape", "Back to the timeline.", PROGRAM, "back"),
    # Any list of lines: help and choosers.
    Command("read.down", "j,down", "A line of the box down.", MOVE),
    Command("read.up", "k,up", "A line of the box up.", MOVE),
    Command("read.page-down", "space,pagedown,ctrl+f,ctrl+d", "A screen of the box down.", MOVE),
    Command("read.page-up", "b,pageup,ctrl+b,ctrl+u", "A screen of the box up.", MOVE),
    Command("read.first", "g,home", "To the top of the box.", MOVE),
    Command("read.last", "G,end", "To the end of the box.", MOVE),
    Command("read.close", "escape,q,enter", "Close the box.", PROGRAM, "close"),
    Command("ask.close", "escape", "Leave without an answer.", PROGRAM, "leave"),
    Command("confirm.yes", "y,enter", "Yes.", PROGRAM, "yes", "answer(True)"),
    Command("confirm.no", "n,escape,q", "No.", PROGRAM, "no", "answer(False)"),
    Command("date.close", "escape", "Close, and stay where you were.", PROGRAM, "close"),
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
    # The export dialog.
    Command("export.down", "j,down", "Next format.", MOVE),
    Command("export.up", "k,up", "Previous format.", MOVE),
    Command("export.choose", "enter", "To the name of the file; there, write it.", WORK, "write"),
    Command("export.other", "tab,shift+tab", "From the formats to the name, or back.", MOVE),
    Command("export.texts", "t", "A copy that is a store: with the documents' texts, or without.", WORK),
    Command("export.replace", "y", "Replace the file that stands there.", WORK),
    Command("export.keep", "n", "Leave the file that stands there, and name another.", WORK),
    Command("export.close", "escape", "Stop writing; else close.", PROGRAM, "close"),
    # Likely doubles.
    Command("doubles.down", "j,down", "Next pair.", MOVE),
    Command("doubles.up", "k,up", "Previous pair.", MOVE),
    Command("doubles.page-down", "space,pagedown,ctrl+f", "The two incidents a screen down.", MOVE),
    Command("doubles.page-up", "b,pageup,ctrl+b", "The two incidents a screen up.", MOVE),
    Command("doubles.first", "g,home", "First pair.", MOVE),
    Command("doubles.last", "G,end", "Last pair.", MOVE),
    Command("doubles.same", "s", "They are the same: link them; both stay on the timeline, marked.", WORK, "same"),
    Command("doubles.distinct", "x", "They are not the same: do not offer them again.", WORK, "not the same"),
    Command("doubles.related", "r", "They are related, but not the same.", WORK, "related"),
    Command("doubles.undo", "u", "Take back the last word on a pair.", WORK, "undo"),
    Command("doubles.within", "w", "Pairs within one data set too, or only between data sets.", FILTER, "within"),
    Command("doubles.close", "escape,q,M", "Back to the timeline.", PROGRAM, "back"),
    # Dialogs on the incident under the cursor, and the log.
    Command("tag.toggle", "enter", "Give the tag, or take it away.", WORK, "give or take", "turn"),
    Command("tag.complete", "tab", "Complete the name.", WORK, "complete"),
    Command("tag.down", "down", "Next tag.", MOVE),
    Command("tag.up", "up", "Previous tag.", MOVE),
    Command("tag.close", "escape", "Close.", PROGRAM, "close"),
    Command("note.keep", "ctrl+s", "Keep the note.", WORK, "keep"),
    Command("note.switch", "tab,shift+tab", "To the earlier notes, or back to the text.", WORK, "earlier notes"),
    Command("note.close", "escape", "Close; what was typed waits for the next time.", PROGRAM, "close"),
    Command("notes.down", "j,down", "Next note.", MOVE),
    Command("notes.up", "k,up", "Previous note.", MOVE),
    Command("notes.edit", "enter", "Change the note.", WORK, "change"),
    Command("notes.delete", "x,delete", "Delete the note.", WORK, "delete"),
    Command("assess.down", "j,down", "Next.", MOVE),
    Command("assess.up", "k,up", "Previous.", MOVE),
    Command("assess.choose", "space", "Choose it.", WORK, "choose"),
    Command("assess.keep", "enter", "Keep what is chosen, and close.", WORK, "keep"),
    Command("assess.close", "escape,q", "Close, and keep nothing.", PROGRAM, "close"),
    *(
        Command(f"assess.{name}", key, f"{meaning}.", WORK, action=f"pick('{name}')")
        for name, (key, meaning) in ASSESSMENT.items()
    ),
    Command("log.down", "j,down", "The write before.", MOVE),
    Command("log.up", "k,up", "The write after.", MOVE),
    Command("log.page-down", "space,pagedown,ctrl+f,ctrl+d", "A screen down.", MOVE),
    Command("log.page-up", "b,pageup,ctrl+b,ctrl+u", "A screen up.", MOVE),
    Command("log.first", "g,home", "The newest.", MOVE),
    Command("log.last", "G,end", "The oldest.", MOVE),
    Command("log.open", "enter", "The rows of the write, before and after.", READ, "rows"),
    Command("log.undo", "u", "Undo this write; undo its undoing.", WORK, "undo this"),
    Command("log.close", "escape,q", "Close.", PROGRAM, "close"),
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
    "exclamation_mark": "!", "delete": "Del", "dollar_sign": "$",
    "greater_than_sign": ">", "less_than_sign": "<",
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
    "find": "While a facet's value is looked for",
    "density": "In the density strip",
    "query": "In the query line",
    "chooser": "In a chooser",
    "views": "In the saved views",
    "pick": "In a list of steps",
    "claims": "In the claim matrix",
    "explain": "Behind a number",
    "cite": "In a citation",
    "reader": "In the source reader",
    "documents": "In the list of documents",
    "card": "In a source card",
    "leave-out": "Where sources are left out",
    "roots": "Among the roots",
    "ledger": "In the air-defence ledger",
    "behind": "Behind a number of the ledger",
    "export": "In the export dialog",
    "doubles": "In the likely doubles",
    "tag": "In the tags of an incident",
    "note": "In a note",
    "notes": "In the earlier notes",
    "assess": "In the assessment",
    "log": "In the log",
    "read": "In a box of lines",
    "ask": "In a line that asks",
    "date": "Where a date is asked for",
    "confirm": "Where yes or no is asked for",
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
