"""What a command tells when structured concurrency hands it a group of errors."""


def leaves(group: BaseExceptionGroup) -> list[BaseException]:
    """Return the errors themselves, out of however many groups they came in."""
    return [
        leaf
        for error in group.exceptions
        for leaf in (leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    ]
