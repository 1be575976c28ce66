"""The floor at the candidate's ear, over real WebRTC: the bot is heard from an interviewer's act to the hand-back.

It is given by call and taken back by voice, in the middle of a question.
"""

from pathlib import Path

from api.demo.server import serving
from bot.candidate.answers import spoken
from tests.integration.held_by_people import held_by_people, holds

ANSWERS = "I added an index and the search took a tenth of the time."
WISHES = "Viva, please take the next two questions."
TAKES_BACK = "Thanks, I'll take it from here."


async def test_the_candidate_hears_the_bot_between_the_floor_given_and_taken_back_and_at_no_other_time(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path, lambda line: None) as server, server.client() as client, server.voice() as voice:
        clips = {text: await spoken(text, voice) for text in (ANSWERS, WISHES, TAKES_BACK)}
        async with held_by_people(client, "copilot", questions=2) as held:
            candidate, interviewer, ear, told = held.candidate, held.interviewer, held.ear, held.told
            interview_id = held.interview_id
            disclosed = await ear.quiet()
            await candidate.says(clips[WISHES])  # what a candidate asks for is nobody's order
            await holds(lambda: bool(told.of("turn.final", role="candidate")))
            assert ear.packets == disclosed and not told.of("floor.changed")

            await client.interviews.floor(interview_id, {"to": "bot", "questions": 2})
            await client.interviews.floor(interview_id, {"to": "bot", "questions": 2})
            await holds(lambda: bool(told.of("question.asked", question_id="q1")))
            asked = await ear.quiet()
            assert asked > disclosed and told.of("floor.changed")[-1]["to"] == "bot"
            await candidate.says(clips[ANSWERS])
            await holds(lambda: ear.packets > asked)
            await interviewer.says(clips[TAKES_BACK])  # in the middle of the second question
            await holds(lambda: len(told.of("floor.changed")) == 2)
            await holds(lambda: any("back to your interviewer" in turn["text"] for turn in told.of("turn.final")))
            returned = await ear.quiet()

            turns = len(told.of("turn.final", role="candidate"))
            await candidate.says(clips[WISHES])
            for control in ("repeat", "human"):
                await candidate.seat.send({"type": "control", "control": control})
            await holds(lambda: len(told.of("turn.final", role="candidate")) > turns)
            assert ear.packets == returned
            await client.interviews.cancel(interview_id)
        assert ear.packets == returned
        changes = [(one["from"], one["to"]) for one in told.of("floor.changed")]
        assert changes == [("interviewer", "bot"), ("bot", "interviewer")]
        assert told.of("floor.changed")[1]["by"].startswith("interviewer_"), "who said it"
