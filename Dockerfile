# syntax=docker/dockerfile:1
# Build for GPUs with: docker build --build-arg DEVICE=gpu .
ARG PYTHON=3.11

FROM python:${PYTHON}-slim-bookworm AS build
ARG DEVICE=cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/atelier
ENV PATH=/opt/atelier/bin:$PATH
COPY requirements.lock requirements-gpu.lock ./
RUN if [ "$DEVICE" = gpu ]; then lock=requirements-gpu.lock; else lock=requirements.lock; fi \
    && pip install --require-hashes -r "$lock"
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY core core
COPY bot bot
# Everything the image needs is installed by now: the project itself brings no further package.
RUN pip install --no-deps --no-build-isolation . && python -m compileall -q /opt/atelier

FROM python:${PYTHON}-slim-bookworm
LABEL org.opencontainers.image.title="Atelier" \
      org.opencontainers.image.description="A Telegram bot that turns two photos into a painting" \
      org.opencontainers.image.licenses="MIT"
RUN groupadd --system --gid 10001 atelier \
    && useradd --system --uid 10001 --gid atelier --home-dir /data --no-create-home atelier \
    && install --directory --owner atelier --group atelier /data
COPY --from=build /opt/atelier /opt/atelier
ENV PATH=/opt/atelier/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
# Whether the event loop turns; with STATUS_LISTEN, whether the bot is ready.
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
    CMD ["python", "-m", "bot.health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
