"""The chat model that the settings name."""

from api.model import Model
from api.model.chat import ChatModel
from api.settings import Settings


def open_model(settings: Settings) -> Model | None:
    """Return the model at `LLM_URL` for work outside calls, None where none is set; whoever opens it closes it."""
    service = settings.chat_service()
    return None if service is None else ChatModel(service, settings.llm_task_s)
