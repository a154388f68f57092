# Images of the services in docker-compose.yml. Build one with: docker build --target explorer .
#   explorer  the page alone: neither torch nor Qdrant nor scikit-learn
#   service   the api and the worker
ARG PYTHON_VERSION=3.13
FROM python:${PYTHON_VERSION}-slim AS wheel
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY lookalike lookalike
COPY indexer indexer
COPY api api
COPY explorer explorer
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM python:${PYTHON_VERSION}-slim AS base
ARG UID=1000
ARG GID=1000
# The image may have a user or group of that number.
RUN groupadd --non-unique --gid "${GID}" lookalike \
    && useradd --no-log-init --non-unique --uid "${UID}" --gid "${GID}" --home-dir /tmp --no-create-home lookalike \
    && install --directory --owner "${UID}" --group "${GID}" --mode 0700 /data
# The file systems of the services are read-only: what is written goes to /data and /tmp.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NUMBA_CACHE_DIR=/tmp/numba \
    XDG_CACHE_HOME=/tmp/cache
WORKDIR /build

FROM base AS explorer-packages
COPY pyproject.toml constraints.txt ./
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --constraint constraints.txt --group explorer
COPY --from=wheel /wheel /wheel
RUN pip install --no-cache-dir --no-deps /wheel/*.whl

# torch comes from TORCH_INDEX, if that is set: the builds for CPUs are a tenth of the size.
FROM base AS service-packages
ARG TORCH_INDEX=""
COPY constraints.txt ./
# The range of the wheel decides on its version; an exact one would choose a build.
# hadolint ignore=DL3013
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir ${TORCH_INDEX:+--index-url "${TORCH_INDEX}"} torch torchvision
COPY --from=wheel /wheel /wheel
RUN pip install --no-cache-dir --constraint constraints.txt /wheel/*.whl

FROM base AS explorer
COPY --from=explorer-packages /opt/venv /opt/venv
WORKDIR /tmp
USER ${UID}:${GID}
EXPOSE 8050
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s CMD ["lookalike", "ready", "--server", "http://127.0.0.1:8050"]
ENTRYPOINT ["lookalike"]
CMD ["explore", "--host", "0.0.0.0", "--server", "http://api:8050"]

FROM base AS service
COPY --from=service-packages /opt/venv /opt/venv
# Models that the worker downloads are there for the api, too, which reaches no hub.
ENV LOOKALIKE_DATA_DIR=/data \
    HF_HOME=/data/models
VOLUME /data
WORKDIR /data
USER ${UID}:${GID}
EXPOSE 8050
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s CMD ["lookalike", "ready", "--server", "http://127.0.0.1:8050"]
ENTRYPOINT ["lookalike"]
CMD ["serve", "--host", "0.0.0.0"]
