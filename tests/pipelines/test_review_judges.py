"""Who may judge a sample: nobody who collected, supplied or labelled what stands in it."""

from pipelines.review_judges import reviewer_problems

DECLARED = {"laws": {"owner": "王 编辑", "acquisition": {"by": "Team A"}}, "chats": {}}


def test_an_annotator_of_the_run_does_not_review_it_however_the_pseudonym_is_written():
    asked = {"ANN-07": {"chats"}, "li": {"laws"}}
    assert reviewer_problems(asked, DECLARED, ["quality"], ["ann-03"]) == []
    [problem] = reviewer_problems(asked, DECLARED, ["quality"], ["ann-03", " ann-07"])
    assert "labelled data of this run" in problem
    assert "07" not in problem, "who it is stands in the worksheet, not in a message"


def test_whom_a_source_names_does_not_judge_its_records_but_those_of_others():
    [problem] = reviewer_problems({"team a": {"laws"}}, DECLARED, [])
    assert "source laws" in problem
    assert reviewer_problems({"team a": {"chats"}}, DECLARED, []) == []


def test_a_check_is_no_reviewer():
    [problem] = reviewer_problems({"quality@2": {"chats"}}, DECLARED, ["quality"])
    assert "judged by people" in problem
