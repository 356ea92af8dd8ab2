# One image for the web service, the worker and every command.
FROM python:3.11-slim-bookworm AS made
WORKDIR /srv/wallet
COPY requirements.lock ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN find wallet_service -name '*.po' | while read -r po; do \
        .venv/bin/pybabel --quiet compile --input-file "$po" --output-file "${po%.po}.mo"; done

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore, for `flask wallet backup`
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /srv/wallet wallet \
    && install --directory --owner=wallet --mode=0700 /var/lib/wallet
COPY --from=made /srv/wallet /srv/wallet
WORKDIR /srv/wallet
ENV PATH=/srv/wallet/.venv/bin:$PATH PYTHONUNBUFFERED=1 FLASK_APP=wallet_service WALLET_DATA_DIR=/var/lib/wallet
USER wallet
VOLUME /var/lib/wallet
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--backpressure", "1000", "--blocking-threads", "1000", "--no-ws", "--respawn-failed-workers", "wsgi:app"]
