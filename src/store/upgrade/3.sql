-- What the wearer says about a bend, a lift or a signal is kept.
CREATE TABLE answers (
    id              INTEGER PRIMARY KEY,
    at_utc_ns       INTEGER NOT NULL,
    about           TEXT    NOT NULL CHECK (about IN ('bend', 'possible_lift', 'signal')),
    moment_utc_ns   INTEGER NOT NULL,
    answer          TEXT    NOT NULL CHECK (answer IN ('yes', 'no', 'helpful', 'not_helpful'))
) STRICT;
-- Renewing signals beyond day 14 keeps the reason.
ALTER TABLE episodes ADD COLUMN renewed_because TEXT;
