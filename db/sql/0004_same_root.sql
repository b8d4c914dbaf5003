-- Two quotes of which the analyst says that their like words do not make them one root: they are not offered again.
-- A pair that has one root needs no table: the copy gets a step of attribution, and every count follows from it.

CREATE TABLE root_dismissal (
    id        INTEGER PRIMARY KEY,
    quote_id  INTEGER NOT NULL REFERENCES quote (id) ON DELETE CASCADE,
    other_id  INTEGER NOT NULL REFERENCES quote (id) ON DELETE CASCADE,
    at        TEXT NOT NULL,               -- UTC, ISO 8601
    CHECK (quote_id < other_id),
    UNIQUE (quote_id, other_id)
) STRICT;
CREATE INDEX root_dismissal_by_other ON root_dismissal (other_id);
