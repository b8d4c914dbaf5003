"""Errors a user can cause or meet; every one is a single clear line and carries its exit status (COMMANDS: 1, 2, 3)."""

from __future__ import annotations


class DatelineError(Exception):
    """Base of every error that is shown to the user as one line."""

    status = 1


class UsageError(DatelineError):
    """The request cannot be carried out as asked: unknown key, unreadable argument."""

    status = 2


class StoreError(DatelineError):
    """The store cannot be opened, is not a Dateline store, is newer than the program, or is damaged."""

    status = 3


class LockedError(StoreError):
    """Another program has locked the store for longer than was waited; nothing was read or written."""


class ReadOnlyError(StoreError):
    """A write was asked of a store that can only be read."""


class DateError(DatelineError):
    """A text is not a date that EDTF knows; `position` is the 0-based code point where reading stopped."""

    status = 2

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.position = position


class ScriptError(DatelineError):
    """A seed file is wrong; the message names file, line, fault and remedy, and nothing was loaded."""

    status = 1


MISFITS = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError, AssertionError)
"""What code raises that meets values which a sound store cannot hold (a number for a title): `Store.blamed`."""


def reason(error: OSError) -> str:
    """Why a file could not be read or written, in the system's own words."""
    return error.strerror or first_line(error)


def first_line(error: BaseException) -> str:
    """The first line of an exception's message, for a message that must stay one line."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]
