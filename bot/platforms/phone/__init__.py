"""Calls by telephone: a provider hands them to the control plane as a socket, which puts them through to the bot.

The bot is rung by an order (`LineTold`), dials the control plane that has the call, and speaks the plain form with it
(`frames`). A bot that takes this one's place is rung again and goes on with the same call.
"""

from bot.platforms.phone.line import PhoneConnection, PhoneLine, Ring

__all__ = ["PhoneConnection", "PhoneLine", "Ring"]
