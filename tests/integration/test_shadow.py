"""A shadow at the candidate's ear, over real WebRTC: one line, then no packet of sound any more, whatever happens.

In the end the candidate objects, and what two bots had recorded until then is gone.
"""

import sqlite3
from pathlib import Path

import pytest

from api.client import Refused
from api.demo.server import Server, serving
from bot.candidate.answers import spoken
from tests.guards import HANG_S
from tests.integration.held_by_people import held_by_people, holds
from tests.integration.test_survival import kill

ASKS = "Tell me about something you made faster."
ANSWERS = "I added an index, and it took a tenth of the time."
TO_THE_BOT = "Viva, please repeat the question."
HAND_OVER = "Viva, take the next two questions."
OBJECTS = "Please don't record this."


def told_to_say(server: Server, interview_id: str) -> None:
    """Put a command on the bot's line that no bot has ever heard of."""
    with sqlite3.connect(server.data_dir / "vivavoce.db", timeout=HANG_S) as database:
        [(attempt_id, tenant)] = database.execute(
            "select id, tenant from attempt where interview_id = ?", [interview_id]
        ).fetchall()
        row = (f"cmd_{attempt_id}", attempt_id, interview_id, tenant, "say", "Hello there!")
        times = "strftime('%Y-%m-%d %H:%M:%f', 'now'), strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 hour')"
        database.execute(
            "insert into command (id, attempt_id, interview_id, tenant, command, reason, created_at, deadline_at) "
            f"values (?, ?, ?, ?, ?, ?, {times})",
            row,
        )


async def test_after_its_one_line_a_shadow_is_silent_whatever_happens_and_leaves_when_somebody_objects(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path, lambda line: None) as server, server.client() as client, server.voice() as voice:
        clips = {text: await spoken(text, voice) for text in (ASKS, ANSWERS, TO_THE_BOT, HAND_OVER, OBJECTS)}
        async with held_by_people(client, "shadow", questions=1) as held:
            candidate, interviewer, ear, told = held.candidate, held.interviewer, held.ear, held.told
            interview_id = held.interview_id
            await ear.quiet()
            assert told.of("disclosure")[0]["heard"] and ear.samples > 16_000, "the line was heard, by this very ear"
            said = ear.packets

            await interviewer.says(clips[ASKS])
            await candidate.says(clips[ANSWERS])
            told_to_say(server, interview_id)
            await candidate.says(clips[TO_THE_BOT])
            for control in ("repeat", "rephrase", "slower", "human"):
                await candidate.seat.send({"type": "control", "control": control})
            with pytest.raises(Refused) as refused:
                await client.interviews.floor(interview_id, {"to": "bot", "questions": 2})
            assert (refused.value.status, "mode 'copilot'" in str(refused.value)) == (409, True)
            await interviewer.says(clips[HAND_OVER])
            await holds(lambda: len(told.of("turn.final", role="interviewer")) >= 2)
            assert ear.packets == said

            kill(server, "bot")
            await holds(lambda: bool(told.of("interview.status", status="reconnecting", reason="bot_lost")))
            back = len(told.events)
            await holds(
                lambda: any(
                    e.type == "interview.status" and e.data["status"] == "in_progress" for e in told.events[back:]
                )
            )
            heard = len(told.of("turn.final"))
            await interviewer.says(clips[TO_THE_BOT])
            await candidate.says(clips[ANSWERS])
            await holds(lambda: len(told.of("turn.final")) >= heard + 2)
            assert ear.packets == said, "nor does the bot that took its place"

            await candidate.says(clips[OBJECTS])
        body = await client.interviews.get(interview_id)
        assert (body.status, body.status_reason, ear.packets) == ("cancelled", "consent_declined", said)
        assert [turn["seq"] for turn in told.of("turn.final", role="bot")] == [1], "one line, of one bot"
        assert await client.interviews.tasks(interview_id) == []
        (receipt,) = await client.interviews.receipts(interview_id)
        assert (receipt.role, receipt.cause) == ("candidate", "objection")
        assert "record" in (receipt.words or "").lower()
        gone = {one.kind.value: one for one in receipt.purged}
        assert (gone["buffer"].bytes or 0) > 1000 and (gone["recording"].bytes or 0) > 1000, "of both bots"
        assert (gone["transcript"].count or 0) >= 6
        assert list((server.data_dir / "recordings").iterdir()) == []
        assert not any(turn.text for turn in (await client.interviews.transcript(interview_id)).data)
        assert body.no_evaluation is not None and body.no_evaluation.receipt_id == receipt.id
