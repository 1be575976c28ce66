"""JobMojito's tables have a word for everything of ours, and lead back where both have one."""

from api.dialects.jobmojito import tables
from api.dialects.jobmojito.tables import RESULT, Level, Reach, Recording, ResultStatus, State
from api.dialects.jobmojito.words import refuse
from api.interviews.states import Status
from api.jobs import JobIn, Seniority
from api.languages import LANGUAGES, canonical
from api.postings import PostingStatus, Visibility
from api.problems import FieldProblem, Problem
from api.templates.conduct import IntegrityCapture, SessionRecording

CODES = "ar bg zh hr cs da nl en fil fi fr de el hi hu id it ja ko ms no pl pt br ro ru sk es sv ta th tr uk vi"
PUBLISHED = CODES.split()


def test_every_status_of_an_interview_has_a_word() -> None:
    assert {status: RESULT[status].value for status in Status} == {
        **dict.fromkeys(("draft", "info_needed", "planning", "plan_review", "ready", "scheduled"), "draft"),
        **dict.fromkeys(("joining", "in_progress", "reconnecting"), "started"),
        **dict.fromkeys(("evaluating", "in_review", "completed"), "completed"),
        **dict.fromkeys(("cancelled", "rejected", "expired"), "cancelled"),
        **dict.fromkeys(("failed", "no_show"), "failed"),
    }
    assert set(RESULT.values()) == set(ResultStatus)


def test_every_status_of_a_posting_has_a_word_that_leads_back() -> None:
    assert {status: tables.STATUS_OF[tables.STATUS[status]] for status in PostingStatus} == {
        status: status for status in PostingStatus
    }
    assert set(State) - set(tables.STATUS_OF) == {State.DELETED, State.PREPARING}
    assert {visibility: tables.VISIBILITY[tables.REACH[visibility]] for visibility in Visibility} == {
        visibility: visibility for visibility in Visibility
    }
    assert set(tables.VISIBILITY) == set(Reach)


def test_the_34_codes_are_the_published_ones_and_lead_back() -> None:
    assert list(tables.NAMES) == PUBLISHED and len(PUBLISHED) == 34
    assert {code: tables.code_of(canonical(code)) for code in PUBLISHED} == {code: code for code in PUBLISHED}
    assert {canonical(code) for code in PUBLISHED} <= set(LANGUAGES)
    assert (canonical("br"), canonical("pt"), canonical("no")) == ("pt-BR", "pt-PT", "nb-NO")


def test_recordings_lead_back_and_what_has_no_name_has_none() -> None:
    assert {one: tables.recording_of(tables.CAPTURE[one]) for one in Recording} == {one: one for one in Recording}
    assert tables.CAPTURE[Recording.VIDEO_FIRST_5] == IntegrityCapture(media="video", scope="first_n", n=5)
    assert tables.recording_of(None) is None
    assert tables.recording_of(IntegrityCapture(media="audio", scope="first_n", n=3)) is None
    assert set(tables.FULL) == set(SessionRecording)
    assert all(tables.FULL[session] is full for full, session in tables.SESSION.items())


def test_every_seniority_has_a_level_and_every_level_a_seniority() -> None:
    assert set(tables.LEVEL) == set(Seniority) and set(tables.SENIORITY) == set(Level)
    assert {level: tables.LEVEL[seniority] for level, seniority in tables.SENIORITY.items()} == {
        level: level for level in Level
    }
    assert tables.SENIORITY[Level.INTERMEDIATE] is Seniority.MID
    assert tables.SENIORITY[Level.MANAGERIAL] is Seniority.MANAGER


def test_a_location_is_a_way_of_working_or_a_place() -> None:
    for text, found in (("Remote", {"work_mode": "remote"}), ("Bratislava, SK", {"city": "Bratislava, SK"})):
        assert tables.location_of(text) == found
        assert JobIn(title="Engineer", location=found).location is not None  # type: ignore[arg-type]


def test_an_error_names_the_field_by_its_published_name_and_tells_of_the_others() -> None:
    wrong = [
        FieldProblem(loc=["body", "language"], what="can't be had.", todo="send en"),
        FieldProblem(loc=["body", "questions", 0, "text"], what="is empty", todo="say something"),
    ]
    problem = Problem(title="Invalid", status=422, detail="2 things", code="invalid", request_id="r", errors=wrong)
    told = {"error": "Can't be had; send en. (and 1 more: questions.0.text)", "name": "mojito_language_code"}
    assert refuse(problem) == (422, told)
    whole = problem.model_copy(update={"errors": [FieldProblem(loc=["body"], what="is not JSON", todo="send JSON")]})
    assert refuse(whole) == (422, {"error": "Is not JSON; send JSON.", "name": "body"})
    bare = problem.model_copy(update={"errors": [], "status": 404, "code": "not_found", "detail": "There is no x."})
    assert refuse(bare) == (404, {"error": "There is no x.", "name": "not_found"})
