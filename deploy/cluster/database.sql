-- Once, on the first node, filled in by fill.sh: what the servers sign in as, and what HAProxy's check does.
CREATE DATABASE IF NOT EXISTS attendance CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE USER IF NOT EXISTS attendance@'%' IDENTIFIED BY '${MYSQL_PASSWORD}';
GRANT ALL PRIVILEGES ON attendance.* TO attendance@'%';
CREATE USER IF NOT EXISTS haproxy@'%';
