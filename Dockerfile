# syntax=docker/dockerfile:1
#
#   docker build -t vivavoce .                                            with --build-arg EXTRAS='[ray]' for docs/machines.md
#   docker run --network host -v vivavoce:/data vivavoce                  everything on port 8080
#   docker run --network host -v vivavoce:/data vivavoce token --tenant acme
#   docker run -p 8081:8081 vivavoce speech                               the speech server alone (STT_URL, TTS_URL)
#   docker run --network host -v vivavoce:/data vivavoce host             a bot host for the API on the same volume
#   docker run --network host -v vivavoce:/data vivavoce api              the API alone
#
# Calls are WebRTC: sound takes UDP ports that are agreed upon call by call. The host's network is the direct way; with
# a bridged one, set TURN_URLS so that a relay carries it.

FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY audio audio
COPY bot bot
COPY orchestrator orchestrator
COPY prompts prompts
COPY api api
ARG EXTRAS=
RUN pip wheel --no-cache-dir --wheel-dir /wheels ".${EXTRAS}"

FROM python:3.11-slim-bookworm
ARG EXTRAS=
# espeak-ng speaks the languages that have no neural voice here; tini reaps bots whose host was killed.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends espeak-ng tini \
    && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links=/wheels "vivavoce${EXTRAS}"
COPY --chmod=755 scripts/entrypoint /usr/local/bin/entrypoint

RUN useradd --system --uid 10001 --create-home --shell /usr/sbin/nologin vivavoce \
    && install --directory --owner vivavoce --group vivavoce --mode 700 /data
USER vivavoce
WORKDIR /home/vivavoce
# Checked and put together here, so that a container neither copies the weights at its first start nor needs to write.
RUN python -c "from audio.models import locate; locate()"

ENV DATA_DIR=/data \
    LISTEN_HOST=0.0.0.0 \
    LISTEN_PORT=8080 \
    LOG_FORMAT=json \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8080 8081
# For `speech` and `host` alone, run with --no-healthcheck or with one of their own.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['LISTEN_PORT']}/v1/health\", timeout=4)"]
ENTRYPOINT ["tini", "--", "entrypoint"]
CMD ["serve"]
