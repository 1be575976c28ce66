"""The floor at the candidate's ear, over real WebRTC: the bot is heard from an interviewer's act to the hand-back.

It is given by call and taken back by voice, in the middle of a question. Then it is given by voice, to a bot that waits
for the candidate to finish and dies of it: the next one does what it was told.
"""

import asyncio
from pathlib import Path

from api.demo.server import serving
from bot.candidate.answers import spoken
from tests.guards import HANG_S
from tests.integration.held_by_people import held_by_people, holds
from tests.integration.test_survival import kill

ANSWERS = "I added an index and the search took a tenth of the time."
WISHES = "Viva, please take the next two questions."
TAKES_BACK = "Thanks, I'll take it from here."
GOES_ON = (
    "and after that I sat with the people who used it every day and wrote down what they were waiting for and how long "
    "they waited and then I went through the list with them again and again until there was nothing left on it"
)


async def test_the_candidate_hears_the_bot_between_the_floor_given_and_taken_back_and_at_no_other_time(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path, lambda line: None) as server, server.client() as client, server.voice() as voice:
        clips = {text: await spoken(text, voice) for text in (ANSWERS, WISHES, TAKES_BACK, GOES_ON)}
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

            asked_by = (await anext(client.audit(action="interview.floor.bot"))).actor
            async with asyncio.TaskGroup() as both:
                both.create_task(candidate.says(clips[GOES_ON]))
                await interviewer.says(clips[WISHES])
                async with asyncio.timeout(HANG_S):
                    while (await anext(client.audit(action="interview.floor.bot"))).actor == asked_by:
                        await asyncio.sleep(0.02)
                assert len(told.of("floor.changed")) == 2, "it waits for the candidate"
                kill(server, "bot")
            await holds(lambda: len(told.of("floor.changed")) == 3)
            await holds(lambda: ear.packets > returned)
            await client.interviews.cancel(interview_id)
        changes = [(one["from"], one["to"]) for one in told.of("floor.changed")]
        assert changes == [("interviewer", "bot"), ("bot", "interviewer"), ("interviewer", "bot")]
        assert all(one["by"].startswith("interviewer_") for one in told.of("floor.changed")[1:]), "who said it"
