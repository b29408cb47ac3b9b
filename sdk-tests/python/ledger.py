"""What the tests have asked of an SDK, so that the last ones can say what was left out.

Nothing of the SDK is changed: its clients and notifiers stand behind an object that passes everything on and writes it down.
"""

import inspect
import re
from http import HTTPStatus
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Iterable


class Ledger:
    """Calls that were made, errors that came of them, and messages that notifiers heard, by name."""

    def __init__(self) -> None:
        self.calls: set[str] = set()
        self.errors: set[str] = set()
        # Which call met which error: "FishjamClient.get_room: NotFoundError".
        self.errors_of_calls: set[str] = set()
        self.messages: set[str] = set()

    def watch(self, thing: Any) -> Any:
        """The same client, notifier or module, watched."""
        return Watched(thing, self)

    def hear(self, message: Any) -> None:
        self.messages.add(type(message).__name__)


class Watched:
    """Passes everything on."""

    def __init__(self, thing: Any, ledger: Ledger) -> None:
        self._thing, self._ledger = thing, ledger

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._thing, name)
        if not inspect.isroutine(value):
            return value
        owner = "" if inspect.ismodule(self._thing) else f"{type(self._thing).__name__}."

        def call(*args: Any, **options: Any) -> Any:
            self._ledger.calls.add(owner + name)
            try:
                return value(*args, **options)
            except Exception as error:
                self._ledger.errors_of_calls.add(f"{owner}{name}: {type(error).__name__}")
                self._ledger.errors.update(each.__name__ for each in type(error).__mro__)
                raise

        return call


def methods(*classes: type) -> set[str]:
    """Names of all public methods."""
    found = ((cls, name) for cls in classes for name, value in inspect.getmembers(cls) if inspect.isroutine(value))
    return {f"{cls.__name__}.{name}" for cls, name in found if not name.startswith("_")}


def functions(module: ModuleType) -> set[str]:
    """Names of the functions that a module offers."""
    return {name for name in module.__all__ if inspect.isfunction(getattr(module, name))}


def errors(*modules: ModuleType) -> set[str]:
    """Names of all errors that modules define."""
    members = (member for module in modules for _, member in inspect.getmembers(module, inspect.isclass))
    return {member.__name__ for member in members if issubclass(member, Exception)}


def errors_of_calls(http_error: type, *classes: type) -> set[str]:
    """Which error each call can produce, as the SDK itself says: it reads the answers that are documented for the call's request."""
    found = set()
    for call, method in ((f"{cls.__name__}.{name}", value) for cls in classes for name, value in inspect.getmembers(cls, inspect.isfunction)):
        request = re.search(r"self\._request\(\s*(\w+)", inspect.getsource(method))
        if call.split(".")[1].startswith("_") or not request:
            continue
        parser = inspect.getsource(method.__globals__[request[1]]._parse_response)
        named = re.findall(r"status_code == (?:HTTPStatus\.(\w+)|(\d+))", parser)
        statuses = [HTTPStatus[name] if name else HTTPStatus(int(number)) for name, number in named]
        assert HTTPStatus.UNAUTHORIZED in statuses, f"{call}: the answers of its request are not found"
        for status in (status for status in statuses if status >= 400):
            error = http_error.from_response(SimpleNamespace(status_code=status, parsed=SimpleNamespace(errors="")))
            found.add(f"{call}: {type(error).__name__}")
    return found


def absent_from(cls: type, calls: str, error: str, reason: str) -> dict[str, str]:
    """Why none of these calls of a client meets the error."""
    return {f"{cls.__name__}.{call}: {error}": reason for call in calls.split()}


def notifications(events: ModuleType) -> set[str]:
    """Names of the messages that an SDK's `events` offer; their parts and enumerations are none."""
    parts = ("Track", "TrackType", "TrackEncoding", "ServerMessageTrack", "ServerMessageTrackType", "ServerMessagePeerType")
    return {name for name in events.__all__ if name not in parts and not name.endswith("Status")}


def not_on_the_page(calls: set[str]) -> list[str]:
    """Calls that the page for people who come from this SDK does not name."""
    page = (Path(__file__).parents[2] / "docs" / "server-sdk.md").read_text()
    return sorted(call for call in calls if not re.search(rf"\b{call.split('.')[-1]}\(", page))


def compare(offered: set[str], met: Iterable[str], absent: dict[str, str]) -> None:
    """All that is offered was met, but for what is absent for a reason; and what is said to be absent is."""
    met = set(met)
    for what, names in (
        ("the tests do not meet these; run the whole folder", offered - met - set(absent)),
        ("these have a reason, and are not offered", set(absent) - offered),
        ("these are met, and have a reason why not", set(absent) & met),
    ):
        assert not names, f"{what}: {', '.join(sorted(names))}"
