-- The same two users where they are made with SQL. Put a password in place of each
-- of the two texts in angle brackets, and run it as a user who may make users:
--
--   clickhouse-client --multiquery < users.sql

CREATE DATABASE IF NOT EXISTS ebb;

CREATE USER IF NOT EXISTS ebb IDENTIFIED WITH sha256_password BY '<password of ebb>'
SETTINGS max_memory_usage = 4000000000;

GRANT CREATE DATABASE, SELECT, INSERT, CREATE TABLE, CREATE VIEW, DROP VIEW, ALTER TABLE ON ebb.* TO ebb;

GRANT SELECT ON system.disks TO ebb;

-- With clickhouse.cluster, which makes tables on all servers of it:
-- GRANT CLUSTER ON *.* TO ebb;

CREATE USER IF NOT EXISTS ebb_grafana IDENTIFIED WITH sha256_password BY '<password of ebb_grafana>'
SETTINGS readonly = 2, allow_ddl = 0,
    max_execution_time = 30 MIN 1 MAX 60,
    max_memory_usage = 2000000000 MAX 2000000000,
    max_result_rows = 1000000, max_result_bytes = 200000000,
    max_concurrent_queries_for_user = 32 CONST;

CREATE QUOTA IF NOT EXISTS ebb_reader FOR INTERVAL 1 minute MAX queries = 6000, execution_time = 600 TO ebb_grafana;

GRANT SELECT ON ebb.* TO ebb_grafana;
