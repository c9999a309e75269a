-- Rights of servers and workers in PostgreSQL: psql "$OWNER_URL" -f deploy/grants.sql
-- Run it as the owner of the database, after an upgrade too. Commands of the owner make and change the tables
-- (such as "segany engine status"); the roles below can't. Passwords: ALTER ROLE segany_server PASSWORD '…'.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'segany_server') THEN CREATE ROLE segany_server LOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'segany_worker') THEN CREATE ROLE segany_worker LOGIN; END IF;
END $$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO segany_server, segany_worker;

-- Servers, and workers of all kinds: all rows of all tables, but no table itself.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO segany_server;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO segany_server;
REVOKE INSERT, UPDATE, DELETE ON kysely_migration, kysely_migration_lock FROM segany_server;

-- segany worker --only embed-task: what is to be done and the images' ids, no people, masks or secrets.
GRANT SELECT ON kysely_migration, task, job, job_image, image TO segany_worker;
GRANT SELECT, UPDATE ON work_item TO segany_worker;
