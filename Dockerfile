# One image for web, worker and the one-off commands.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# Set it to an index of processor-only builds to keep the image small, e.g. for servers without a GPU.
ARG TORCH_INDEX=""
WORKDIR /app
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
RUN if [ -n "$TORCH_INDEX" ]; then pip install --index-url "$TORCH_INDEX" torch==2.13.0; else pip install torch==2.13.0; fi
COPY requirements.txt .
RUN pip install -r requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data STATIC_ROOT=/app/staticfiles
# LibreOffice reads doc, wps and ppt; the other formats need nothing of the system.
RUN apt-get update && apt-get install -y --no-install-recommends \
        libreoffice-writer-nogui libreoffice-impress-nogui fonts-noto-cjk && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home askive && mkdir /data && chown askive /data
WORKDIR /app
COPY --from=build /venv /venv
COPY --chown=askive . .
USER askive
RUN PRODUCTION=true SECRET_KEY=collectstatic-only-0123456789-abcdefghijklmnopqrstuvwxyz DATA_DIR=/tmp/build \
    python manage.py collectstatic --noinput && python -m compileall -q apps config
VOLUME /data
EXPOSE 8080
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8080", "--workers", "2", "--no-server-header", "--timeout-graceful-shutdown", "20"]
