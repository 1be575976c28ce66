"""The pages people use: the room and the interviews. Plain files, no build step, nothing loaded from elsewhere."""

from api.pages.router import pages_router

__all__ = ["pages_router"]
