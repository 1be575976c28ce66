"""The built-in room: a signalling hub for a small WebRTC mesh. This text is the protocol.

One WebSocket per participant, `/room/{interview_id}/signal`, JSON objects in text frames of at most 64 KiB.
Sound never passes through here; it goes from peer to peer.

**Names.** A *participant* is a person or bot and is named by the join link (`participant_id`); it lasts. A *peer* is
one connection of a participant (`peer_id`); every hello makes a new one. A participant has one seat: the newest
connection takes it and the older one gets `{"type":"replaced"}` and close code 4409.

**Hello.** The first frame, within 5 s of the connection::

    {"type":"hello", "token":JWT, "consented":bool, "peers":[participant ids I still have live media with],
     "notice":{"version", "shown_ms", "given_ms"}}

`consented` (default false), `peers` (default empty) and `notice` (what was agreed to, how long ago) may be left out.
The answer::

    {"type":"welcome", "peer_id", "participant_id", "role", "name",
     "peers":[{"peer_id","participant_id","role","name","consented","muted"}],
     "ice_servers":[{"urls":[...],"username"?,"credential"?}],
     "interview":{"title","language","mode","status","questions":N,"minutes","candidate","organisation","bot",
                  "interviewers":[names],"observers":[names],"removed":[participant ids]},
     "floor":{...}|null}

and everyone else gets `{"type":"peer-joined","peer":{…as above, plus "live":bool}}`.

**Mesh rule.** The newcomer sends an offer to every peer listed in its welcome, except those it named in `peers`;
the others wait and answer. An offer always replaces whatever connection the two had.

**Media outlives signalling.** When a signalling socket breaks, or the server restarts, the peer connections go on.
Whoever lost the socket says hello again with back-off and lists in `peers` the participants it still has *connected*
media with. `peer-joined` tells each of the others, as `live`, whether it was listed:

* `live: false`: an offer is coming; answer it (drop the old connection then, not before).
* `live: true` and I have connected media with that participant: keep it; nothing to do but use the new `peer_id`.
* `live: true` and I have none: *I* send the offer.

So exactly one side offers in every case. A broken peer connection is recovered the same way: close the socket and
say hello again without that participant in `peers`.

**Leaving.** `{"type":"peer-left","peer_id","participant_id","dropped":bool}`. `dropped: false`: they left by choice,
close the connection. `dropped: true`: only the socket is gone; keep the media while it is connected. A replaced
connection is not announced as left; its successor's `peer-joined` is the news.

**Removed.** `{"type":"removed","participant_id"}`: their links were taken back; close the connection with them,
whatever became of their socket. Whoever says hello again finds them in the welcome's `removed`.

**Client frames after hello.** ::

    {"type":"signal","to":peer_id,"data":{"sdp":{"type":"offer|answer","sdp":str}}}
    {"type":"signal","to":peer_id,"data":{"candidate":{"candidate":str,"sdpMid":str|null,"sdpMLineIndex":int|null}|null}}
    {"type":"control","control":"repeat|rephrase|skip|pause|resume|slower|human|stop"}     candidate, interviewer
    {"type":"control","control":"withdraw"}               the candidate takes the consent back: the bot ends its part
    {"type":"level","muted":bool,"lost":bool?}            lost: it is gone, or the system holds it; false if left out
    {"type":"slept","ms":N}                               nothing of this page ran for so long; told once it is back
    {"type":"leave"}                                                                        then close

A signal to a peer that has just gone is dropped without an error: its `peer-left` is on the way. Unknown members of a
frame are ignored, unknown types are refused.

**Server frames.** ::

    {"type":"signal","from":peer_id,"participant_id","data":{…}}
    {"type":"control","from":peer_id,"participant_id","control"}                            to bots
    {"type":"muted","peer_id","participant_id","muted","lost":true?}
    {"type":"slept","peer_id","participant_id","ms"}                                        to bots
    {"type":"caption","final":bool,"turn_id","speaker_id","speaker","role","text","stable"} to people
    {"type":"floor","floor":"waiting|alone|listening|thinking|speaking|ended","expecting","question_id","number","of",
     "mode":"solo|copilot|shadow","leads":"bot|interviewer"}             who asks at this moment; while people do,
                                                                         nothing of the plan (question_id, number, of)
    {"type":"state","state","reason"}                                                       the bot's state, to people
    {"type":"floor.changed","from","to","questions"?,"reason"?}                             who leads: bot, interviewer
    {"type":"mode.changed","from","to"}                                                     solo, copilot, shadow
    {"type":"ended","reason","status"?}                      status: if final already; then close 4410, people only
    {"type":"error","code","detail"}                                                        then close

**Close codes.** 4400 bad frame; 4401 bad, forged or expired link; 4403 not allowed to this role, another interview's
link, or one that was taken back (`not_named`: the others are told `removed`, and close their media); 4404 no such
interview; 4408 no hello in time; 4409 replaced by a newer connection; 4410 the interview is over; 4429 too many frames,
or the room is full (twelve people, one seat of them kept for the candidate, and the bot); 1012 this server stops, or
has lost its place among the others; 1013 this connection takes frames too slowly, or the room is out of reach for a
moment (`room_unavailable`). After 4400, 4401, 4403, 4404, 4409 and 4410 do not come back with the same link; after
anything else do, with back-off.

**Replicas.** Members of one room may be connected to different servers behind one address; they notice nothing of it
(`api/room/relay`). A member that comes back may come back to any of them.

**Card.** Before it says hello, a page may `GET /room/{interview_id}/card` with `Authorization: Bearer` and the link's
token: the `interview` of the welcome and `"you":{"participant_id","name","role"}`, or a problem (status: the close
code less 4000; of an interview that is over, `role` says whose link it is: an interviewer's still opens the scorecard).

Observers hear everybody and never send audio; their offers and answers are receive-only, and bots ignore their tracks.
"""

from api.room.hub import Hub
from api.room.members import Card, Member, Refused, RoomSeat
from api.room.socket import RoomDoor, room_router

__all__ = ["Card", "Hub", "Member", "Refused", "RoomDoor", "RoomSeat", "room_router"]
