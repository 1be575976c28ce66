"""Calls by telephone: a provider hands the sound of a call over as a WebSocket.

An interview is held by telephone when its `meeting_url` is `PUBLIC_URL/phone`, or when it starts on joining and the
candidate joins so. Whoever has a candidate's link has its telephone form, too (`LinkOut`)::

    POST /phone/{interview_id}?token=LINK        a provider fetches what to do with a call: TwiML or TeXML, signed
    WS   /phone/{interview_id}/twilio/{ticket}   Twilio's Media Streams; the ticket is from that answer and good once
    WS   /phone/{interview_id}/telnyx/{ticket}   Telnyx' media streaming
    WS   /phone/{interview_id}/stream?token=LINK the plain form (`bot/platforms/phone/frames.py`), no provider
    WS   /phone/{interview_id}/line/{leg}        the bot, with the token of its uplink; `legs.py` joins the two

Close codes of the callers' sockets: 1000 the interview is over; 4400 a frame that is not in the protocol; 4404 no bot
took the call; 4409 another call took its place; 4429 too many frames; 1012 this server stops. A caller whose socket
closes before the interview is over may come back: Twilio and Telnyx are told to ask again.
"""
