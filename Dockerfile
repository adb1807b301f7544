# The image of web, worker, beat and migrate: runtime libraries only, no embedded servers, no sandbox, no tests.
FROM node:24-slim AS pages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements/runtime.lock requirements/
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/runtime.lock
COPY --from=pages /app/node_modules node_modules
COPY . .
# Collecting reads the settings but reaches no server: the values below are for this step only and stay nowhere.
RUN python -c "from pathlib import Path; from config.local.catalogues import compile_all; compile_all(Path('locale'))" \
    && SECRET_KEY=build DATABASE_URL=postgres://build@build/build REDIS_URL=redis://build \
       python manage.py collectstatic --noinput -v 0 \
    && useradd --system --no-create-home avisa \
    && mkdir -p var/beat && chown avisa var/beat
USER avisa
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "16", \
     "--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "20", "--no-control-socket", "--log-level", "warning"]
