#!/bin/sh
# Makes the two roles and the database, once, when the PostgreSQL container makes its data directory (the same as
# config/local/roles.py does for the embedded server). Passwords travel as psql variables: any character is safe.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    -v owner_password="$OWNER_PASSWORD" -v app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE avisa_owner LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE avisa_app LOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOINHERIT PASSWORD :'app_password';
CREATE DATABASE avisa OWNER avisa_owner;
REVOKE ALL ON DATABASE avisa FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE avisa TO avisa_app;
SQL
