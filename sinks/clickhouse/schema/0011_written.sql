-- When a row was written, by the server's clock; SELECT * leaves it out.
-- Figures of imported history stay as long as those of live time: without them
-- no view of old windows has a clock.

ALTER TABLE levels ADD COLUMN IF NOT EXISTS written DateTime('UTC') MATERIALIZED now();

ALTER TABLE model_quality ADD COLUMN IF NOT EXISTS written DateTime('UTC') MATERIALIZED now();

ALTER TABLE pipeline ADD COLUMN IF NOT EXISTS written DateTime('UTC') MATERIALIZED now();

ALTER TABLE feed ADD COLUMN IF NOT EXISTS written DateTime('UTC') MATERIALIZED now();
