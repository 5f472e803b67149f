# syntax=docker/dockerfile:1
# Build for GPUs with: docker build --build-arg DEVICE=gpu .

FROM python:3.11-slim-bookworm@sha256:528257d48c1da0dcecc2e725d1ae34498d60c965f1241e39cd6a85a8859bdf84 AS build
ARG DEVICE=cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
# Of its version nothing is left in the image.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends binutils \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv --without-pip /opt/atelier
COPY requirements.lock requirements-gpu.lock ./
RUN if [ "$DEVICE" = gpu ]; then lock=requirements-gpu.lock; else lock=requirements.lock; fi \
    && pip --python /opt/atelier install --no-compile --require-hashes -r "$lock"
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY core core
COPY bot bot
# Everything the image needs is installed by now: the project itself brings no further package.
RUN pip --python /opt/atelier install --no-compile --no-deps --no-build-isolation .
COPY tools/__init__.py tools/__init__.py
COPY tools/image tools/image
RUN python -m tools.image.slim /opt/atelier

FROM python:3.11-slim-bookworm@sha256:528257d48c1da0dcecc2e725d1ae34498d60c965f1241e39cd6a85a8859bdf84
LABEL org.opencontainers.image.title="Atelier" \
      org.opencontainers.image.description="A Telegram bot that turns two photos into a painting" \
      org.opencontainers.image.licenses="MIT"
RUN groupadd --system --gid 10001 atelier \
    && useradd --system --uid 10001 --gid atelier --home-dir /data --no-create-home atelier \
    && install --directory --owner atelier --group atelier /data
COPY --from=build /opt/atelier /opt/atelier
# What the image holds, under which licences, and where their texts lie in it.
COPY LICENSE NOTICE /usr/share/doc/atelier/
RUN --mount=type=bind,source=tools,target=/src/tools \
    PYTHONPATH=/src python -B -m tools.image.materials /opt/atelier \
    > /usr/share/doc/atelier/sbom.cdx.json
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
