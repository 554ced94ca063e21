"""Play a story step by step; show and check each step."""

import time
from collections.abc import Iterable

from local.demo.stage import Stage
from local.demo.steps import Chapter, Step
from local.demo.transcript import Transcript


def play(story: Iterable[Chapter], stage: Stage, transcript: Transcript) -> bool:
    """Play chapter by chapter, and stop at the first step with an unexpected result."""
    stage.watch = transcript.progress
    for chapter in story:
        transcript.chapter(chapter.title)
        for step in chapter.steps:
            if not _play(step, stage, transcript):
                return False
    transcript.holdings(stage.holdings())
    return True


def _play(step: Step, stage: Stage, transcript: Transcript) -> bool:
    """Play one step, show it, and check its result."""
    transcript.begin(step)
    before, began = stage.holdings(), time.monotonic()
    answer = step.play(stage)
    seconds = time.monotonic() - began
    after = stage.holdings()
    transcript.end(answer, seconds, before, after)
    problems = list(step.problems(answer, before, after))
    if problems:
        transcript.failure(problems)
    return not problems
