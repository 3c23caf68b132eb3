# One image for web, worker and beat; compose.yaml says which command each runs. Kept in step with Procfile,
# requirements/ and licensing/env.py by tests/unit/platform/test_deployment.py.
FROM python:3.12-slim-bookworm

# What WeasyPrint loads: the list of requirements/install.py.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 \
        libpangoft2-1.0-0 \
        libharfbuzz0b \
        libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /srv/entente
COPY requirements/app.txt requirements/app.txt
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/app.txt

COPY . .
RUN useradd --system --uid 10001 --home-dir /srv/entente entente \
    && install -d -o entente -m 0700 /var/lib/entente \
    && ENTENTE_VAR_DIR=/tmp/build python manage.py collectstatic --noinput \
    && rm -r /tmp/build

USER entente
ENV ENTENTE_VAR_DIR=/var/lib/entente \
    ENTENTE_LISTEN=0.0.0.0 \
    ENTENTE_LOG_FORMAT=json \
    PYTHONUNBUFFERED=1
VOLUME /var/lib/entente
EXPOSE 8000
CMD ["gunicorn", "licensing.wsgi"]
