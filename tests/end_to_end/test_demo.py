"""The demo's story, on the deployed stack."""

import io
from collections.abc import Iterator
from copy import replace

import pytest

from local.demo import chapters
from local.demo.playing import play
from local.demo.stage import Stage, stage_of
from local.demo.steps import Chapter
from local.demo.transcript import Transcript
from local.stack import LocalStack


@pytest.fixture
def stage(fresh_stack: LocalStack) -> Iterator[Stage]:
    """The stage, before anything has happened."""
    with stage_of(fresh_stack) as stage:
        yield stage


def test_story(stage: Stage) -> None:
    """Every step of every chapter comes to what it must, and a pipe gets the transcript without colours."""
    out = io.StringIO()

    assert play(chapters.STORY, stage, Transcript(out)), out.getvalue()
    assert "\033" not in out.getvalue()
    assert "At the end" in out.getvalue()


def test_step_that_is_off(stage: Stage) -> None:
    """A step that comes to something else ends the story, which says what was expected and what was found."""
    first = chapters.STORY[0].steps[0]
    wrong = Chapter("Wrong", (replace(first, stigg=("+ customer cust-other, Other",)), first))
    out = io.StringIO()

    assert not play((wrong,), stage, Transcript(out))
    printed = " ".join(out.getvalue().split())  # lines are as wide as the terminal

    assert "expected ('+ customer cust-other, Other',)" in printed
    assert printed.count(first.text) == 1
