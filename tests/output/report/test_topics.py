"""The sections of a report: each item of the checklist beside the problems that decide it."""

from __future__ import annotations

import pytest

from modlint.output.report.contents import TOPICS, topic_of
from modlint.review.checklist import CHECKLIST, Entry


@pytest.mark.parametrize("entry", CHECKLIST, ids=lambda entry: entry.key)
def test_an_item_stands_with_its_problems(entry: Entry) -> None:
    (topic,) = (topic for topic in TOPICS if entry.key in topic.items)
    assert [code for code in entry.codes if topic_of(code) is not topic] == []
