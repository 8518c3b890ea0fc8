"""Messages for people and for machines."""

from __future__ import annotations

import json

import pytest

from linkage.progress import Progress


def test_messages_are_lines_of_text(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    progress.bind(run_id="run-1")
    progress.say("done", rows=3)
    progress.warn("look")
    assert capsys.readouterr().err == "done\nwarning: look\n"


def test_messages_are_lines_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(form="json")
    progress.bind(run_id="run-1")
    progress.say("«done»", rows=3)
    progress.warn("look", reason="why")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first.pop("at").endswith("Z")
    assert first == {"level": "info", "message": "«done»", "run_id": "run-1", "rows": 3}
    assert (second["level"], second["message"], second["reason"]) == ("warning", "look", "why")


@pytest.mark.parametrize("form", ["text", "json"])
def test_quiet_is_quiet(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(quiet=True, form=form)
    progress.say("done")
    progress.warn("look")
    with progress.bar("bar") as advance:
        advance(1, 2)
    assert capsys.readouterr().err == ""
