"""Timetables that run a crawl: a line of a crontab, a systemd service and its timer, complete as they are printed.

Pure: the command, the archive and the pace give a text. All paths are absolute, since cron and systemd start in
another folder with almost no environment; nothing else of the environment is needed.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from archive.errors import UsageError

#: Paces that divide an hour or a day evenly, in minutes: the only ones that cron can keep.
MINUTES = (5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440)


@dataclass(frozen=True, slots=True)
class Timetable:
    """What runs, and when: `command` with absolute paths, every so many `minutes` (one of `MINUTES`)."""

    command: tuple[str, ...]
    archive: str
    minutes: int
    user: str | None = None  #: for a unit of the system: who it runs as; None for a unit of the user's own

    @property
    def offset(self) -> int:
        """Minutes after the full hour: another for each archive, the same each time, and never the full hour itself."""
        digest = hashlib.sha256(self.archive.encode("utf-8", "surrogateescape")).digest()
        return 1 + digest[0] % (min(self.minutes, 60) - 1)

    @property
    def hour(self) -> int:
        """The first hour of the day at which it runs, where it does not run each hour."""
        digest = hashlib.sha256(self.archive.encode("utf-8", "surrogateescape")).digest()
        return digest[1] % max(1, self.minutes // 60)


def pace(seconds: float) -> int:
    """The longest pace in minutes that is no longer than asked for, and never under five minutes."""
    return max((minutes for minutes in MINUTES if minutes * 60 <= seconds), default=MINUTES[0])


def crontab(table: Timetable) -> str:
    """A line for `crontab -e`, with a comment above it (crontab(5): `%` is a line end unless escaped)."""
    when = f"{_cron_minutes(table)} {_cron_hours(table)} * * *"
    what = shlex.join(_checked(table)).replace("%", r"\%")
    return f"# hemeroteca: {_spoken(table)} into {table.archive}\n{when} {what}\n"


def service(table: Timetable) -> str:
    """A oneshot service (systemd.service(5)); SIGTERM lets the pages in flight come to their end."""
    lines = ["[Unit]", f"Description=hemeroteca crawl into {_percent(table.archive)}"]
    if table.user:
        lines += ["Wants=network-online.target", "After=network-online.target"]
    lines += ["", "[Service]", "Type=oneshot", f"ExecStart={' '.join(_unit_words(table))}"]
    if table.user:
        lines.append(f"User={table.user}")
    lines += ["Nice=5", "NoNewPrivileges=yes", "TimeoutStopSec=30"]
    return "\n".join(lines) + "\n"


def timer(table: Timetable) -> str:
    """A timer for the service of the same name (systemd.timer(5)); a missed hour is made up for once."""
    return "\n".join(
        (
            "[Unit]",
            f"Description=hemeroteca crawl into {_percent(table.archive)}, {_spoken(table)}",
            "",
            "[Timer]",
            f"OnCalendar=*-*-* {_calendar_hours(table)}:{_calendar_minutes(table)}:00",
            "Persistent=true",
            "",
            "[Install]",
            "WantedBy=timers.target",
            "",
        )
    )


def _checked(table: Timetable) -> Sequence[str]:
    for word in table.command:
        if any(ord(c) < 32 or ord(c) == 127 for c in word):
            raise UsageError(f"{word!r}: neither cron nor systemd can run a command with a control character in it")
    return table.command


def _cron_minutes(table: Timetable) -> str:
    """All minutes by name: `17/20` is not portable."""
    return ",".join(str(minute) for minute in range(table.offset, 60, table.minutes)) or str(table.offset)


def _cron_hours(table: Timetable) -> str:
    if table.minutes <= 60:
        return "*"
    return ",".join(str(hour) for hour in range(table.hour, 24, table.minutes // 60))


def _calendar_minutes(table: Timetable) -> str:
    return ",".join(f"{minute:02}" for minute in range(table.offset, 60, table.minutes)) or f"{table.offset:02}"


def _calendar_hours(table: Timetable) -> str:
    if table.minutes <= 60:
        return "*"
    return ",".join(f"{hour:02}" for hour in range(table.hour, 24, table.minutes // 60))


def _spoken(table: Timetable) -> str:
    if table.minutes < 60:
        return f"every {table.minutes} minutes"
    return {60: "every hour", 1440: "every day"}.get(table.minutes, f"every {table.minutes // 60} hours")


def _percent(text: str) -> str:
    """A text in a unit file: `%` begins a specifier (systemd.unit(5))."""
    return " ".join(text.replace("%", "%%").split())


def _unit_words(table: Timetable) -> list[str]:
    """The words of the command; systemd takes no quotes and backslashes in a program's name, `env` does."""
    words = list(_checked(table))
    if any(c in "\"'\\" for c in words[0]):
        words.insert(0, "/usr/bin/env")
    return [_unit_word(word) for word in words]


def _unit_word(word: str) -> str:
    """A word of a command line in a unit file (systemd.service(5), "Command lines")."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    plain = word and all(c.isalnum() or c in "@%+=:,./-_" for c in word)
    return escaped if plain else f'"{escaped}"'
