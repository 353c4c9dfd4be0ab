# Any Python 3.11 or newer with `venv` will do as the base, Debian's own included.
ARG BASE=python:3.13-slim-bookworm

# First stage: a virtual environment from the lock, with the product in it as a wheel.
FROM ${BASE} AS build
WORKDIR /build
COPY requirements/bootstrap.lock requirements/run.lock requirements/
RUN python3 -m venv --without-pip /opt/tieline \
    && python3 -m venv /opt/tools \
    && /opt/tools/bin/pip install --no-cache-dir --require-hashes -r requirements/bootstrap.lock
ENV UV_PYTHON=/opt/tieline/bin/python UV_NO_CACHE=1 UV_SYSTEM_CERTS=1
RUN /opt/tools/bin/uv pip sync --require-hashes --no-build requirements/run.lock
COPY pyproject.toml README.md LICENSE ./
COPY integration integration
COPY mappings mappings
COPY reports reports
COPY service service
COPY webhooks webhooks
# The lock brought the build tool: nothing is asked of an index here.
RUN /opt/tools/bin/uv pip install --offline --no-deps --no-build-isolation .

# Second stage: that environment and nothing else.
FROM ${BASE}
LABEL org.opencontainers.image.title="Tieline" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/tieline /opt/tieline
RUN useradd --no-log-init --uid 10001 --home-dir /data --create-home --skel /dev/null --shell /usr/sbin/nologin tieline
ENV PATH=/opt/tieline/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TIELINE_DATA_DIR=/data \
    TIELINE_HOST=0.0.0.0 \
    TIELINE_LOG_FORMAT=json
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["tieline"]
CMD ["serve"]
