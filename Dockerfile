# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
WORKDIR /src
RUN pip install --no-cache-dir "hatchling>=1.27,<2"
COPY pyproject.toml README.md LICENSE ./
COPY linkage linkage
COPY cypher cypher
# EXTRAS=cloud reads facts from S3, EXTRAS=cloud,otel sends traces too
ARG EXTRAS=""
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /dist . \
    && python -m venv /opt/linkage \
    && /opt/linkage/bin/pip install --no-cache-dir "$(echo /dist/*.whl)${EXTRAS:+[$EXTRAS]}"

FROM python:3.13-slim
COPY --from=build /opt/linkage /opt/linkage
# Compiled kernels are kept in the volume: the container's own file system is read-only.
ENV PATH=/opt/linkage/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LINKAGE_HOME=/var/lib/linkage \
    LINKAGE_CACHE=/var/lib/linkage/cache \
    NUMBA_CACHE_DIR=/var/lib/linkage/kernels
RUN useradd --system --uid 10001 --home-dir /var/lib/linkage --create-home linkage
USER linkage
WORKDIR /var/lib/linkage
VOLUME /var/lib/linkage
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-m", "linkage.serve.probe", "http://127.0.0.1:8000/health/ready"]
ENTRYPOINT ["linkage"]
CMD ["serve"]
