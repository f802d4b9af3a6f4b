"""shidian on every hard panel: the right number or a refusal, and nothing of an engine in its words."""

import pytest

from bench.hard_panels.ask import answer, module_of
from bench.hard_panels.judge import REFUSED, RIGHT, judge
from bench.hard_panels.situations import PANELS
from tests.properties.checks import ENGINE

OURS = module_of("shidian")


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.key)
def test_ours_is_right_or_refuses(panel):
    assert set(panel.methods) <= set(OURS.ANSWERS)
    answers = {method: answer(OURS, method, panel) for method in panel.methods}
    verdicts = {method: judge(panel.truth, found, method) for method, found in answers.items()}
    wrong = {method: verdict for method, verdict in verdicts.items() if verdict.kind not in (RIGHT, REFUSED)}
    assert wrong == {}
    for found in answers.values():
        assert not ENGINE.search(" ".join((found.warned, found.told, found.refused)))


def test_most_answers_are_numbers():
    easy = next(panel for panel in PANELS if panel.key == "reversed_order")
    assert [judge(easy.truth, answer(OURS, method, easy)).kind for method in easy.methods] == [RIGHT] * 8
