"""Permissions as text: for a nats-server's configuration, for `nsc`, and as JSON."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Sequence

from streamworker.app.permissions import Permitted


def as_config(users: Sequence[Permitted]) -> Iterator[str]:
    """An `authorization` block. Its passwords are variables, which the server takes from its environment."""
    yield "# Made by `streamworker permissions`. The server takes the passwords from its environment, each in quotes of its own:"
    yield f"# export {password_variable(users[0].user)}='\"...\"'. Put `nkey: U...` in place of user and password for nkeys."
    yield "authorization {"
    yield "  users: ["
    for each in users:
        yield from _user(each)
    yield "  ]"
    yield "}"


def as_nsc(users: Sequence[Permitted]) -> Iterator[str]:
    """A command for each user, where accounts are kept by `nsc`."""
    for each in users:
        yield f"# {_purpose(each)}"
        allowed = [f"--allow-pub {_quoted(each.rights.publish)}", f"--allow-sub {_quoted(each.rights.subscribe)}"]
        yield f"nsc add user {each.user} {' '.join(allowed)}"


def as_json(users: Sequence[Permitted]) -> str:
    """All of it, by user."""
    found = {
        each.user: {
            "for": each.purpose,
            "inbox_prefix": each.inbox,
            "publish": sorted(each.rights.publish),
            "subscribe": sorted(each.rights.subscribe),
        }
        for each in users
    }
    return json.dumps(found, indent=2)


def password_variable(user: str) -> str:
    """The variable that holds a user's password: `recorder-epg-updater` has RECORDER_EPG_UPDATER_PASSWORD."""
    return f"{user.upper().replace('-', '_')}_PASSWORD"


def _user(each: Permitted) -> Iterator[str]:
    yield f"    # {_purpose(each)}"
    yield "    {"
    yield f"      user: {json.dumps(each.user)}"
    yield f"      password: ${password_variable(each.user)}"
    yield "      permissions: {"
    yield from _allowed("publish", each.rights.publish)
    yield from _allowed("subscribe", each.rights.subscribe)
    yield "      }"
    yield "    }"


def _allowed(verb: str, subjects: Iterable[str]) -> Iterator[str]:
    yield f"        {verb}: {{ allow: ["
    yield from (f"          {json.dumps(subject)}" for subject in sorted(subjects))
    yield "        ] }"


def _purpose(each: Permitted) -> str:
    return f"{each.purpose}, with NATS_INBOX_PREFIX={each.inbox}"


def _quoted(subjects: Iterable[str]) -> str:
    return shlex.quote(",".join(sorted(subjects)))
